-- What the log lacks: events older than so many seconds that have no leaf (or as far in the future: a clock was put back, or
-- somebody put them in), and leaves whose event is gone. At most
-- count_limit of each. And how many tiles there are.
create or replace function holdpoint.audit_gaps_v1(org text, older_than_seconds double precision, count_limit integer) returns json
language plpgsql volatile set search_path = '' as $$
declare
  age constant interval := make_interval(secs => older_than_seconds);
  at constant timestamptz := holdpoint.hp_now();
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  return json_build_object(
    'tiles', (select count(*) from holdpoint.audit_tiles t where t.org_id = org),
    'waiting', (select coalesce(json_agg(json_build_object('eventId', w.id, 'createdAt', w.created_at)), '[]'::json) from (
      select e.id, e.created_at from holdpoint.events e where e.org_id = org and (e.created_at < at - age or e.created_at > at + age)
        and not exists (select from holdpoint.audit_leaves l where l.org_id = org and l.event_id = e.id)
      order by e.id limit count_limit) w),
    'orphaned', (select coalesce(json_agg(json_build_object('index', o.index, 'eventId', o.event_id)), '[]'::json) from (
      select l.index, l.event_id from holdpoint.audit_leaves l where l.org_id = org
        and not exists (select from holdpoint.events e where e.org_id = org and e.id = l.event_id)
      order by l.index limit count_limit) o));
end $$;
revoke all on function holdpoint.audit_gaps_v1(text, double precision, integer) from public;
grant execute on function holdpoint.audit_gaps_v1(text, double precision, integer) to hp_app;
