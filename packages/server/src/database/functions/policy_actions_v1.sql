-- A page of recorded actions with what the policy was asked about them, oldest first: what a draft is run over.
create or replace function holdpoint.policy_actions_v1(org text, after_id text, count_limit integer) returns json
language plpgsql volatile set search_path = '' as $$
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  -- Ids sort by time, so the key of the table is the way in; the types are a filter on the way.
  return (select coalesce(json_agg(row_to_json(e)), '[]'::json) from (
    select id, type, created_at, agent_id, end_user_id, run_id, hold_id, data from holdpoint.events e
      where e.org_id = org and e.id > after_id and e.type in ('hold.created', 'action.auto_proceeded')
        and e.data -> 'facts' is not null and e.data ->> 'facts' is not null
      order by e.id limit count_limit) e);
end $$;
revoke all on function holdpoint.policy_actions_v1(text, text, integer) from public;
grant execute on function holdpoint.policy_actions_v1(text, text, integer) to hp_app;
