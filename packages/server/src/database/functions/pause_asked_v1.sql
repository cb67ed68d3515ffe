-- A standing pause as runs.pause_asked keeps it, and the event tells it.
create or replace function holdpoint.pause_asked_v1(pause holdpoint.standing_orders) returns json
language sql stable set search_path = '' as $$
  select json_build_object('kind', pause.given_by ->> 'kind', 'id', pause.given_by ->> 'id', 'name', pause.given_by ->> 'name',
    'reason', pause.reason, 'scope', pause.scope, 'subject', pause.subject)
$$;
revoke all on function holdpoint.pause_asked_v1(holdpoint.standing_orders) from public;
grant execute on function holdpoint.pause_asked_v1(holdpoint.standing_orders) to hp_app, hp_definer;
