-- Events of one organisation after a cursor (xid, id), in the order in which they may be read without losing any.
-- A row is safe when every transaction older than its own has ended; rows above that horizon are given too (they are
-- pushed at once) but is_safe is false and no cursor may stand on them (I12). Of a run also what happens in those that it called.
create or replace function holdpoint.read_events_v1(org text, after_xid text, after_id text, run text, hold text, count_limit integer) returns json
language plpgsql volatile set search_path = '' as $$
declare
  horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
  runs text[];
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  if run is not null then runs := array_append(holdpoint.runs_below_v1(org, run), run); end if;
  return (select coalesce(json_agg(json_build_object('isSafe', e.xid < horizon, 'event', row_to_json(e))), '[]'::json) from (
    select * from holdpoint.events e
      where e.org_id = org and (e.xid, e.id) > (after_xid::xid8, after_id)
        and (run is null or e.run_id = any (runs)) and (hold is null or e.hold_id = hold)
      order by e.xid, e.id limit count_limit) e);
end $$;
revoke all on function holdpoint.read_events_v1(text, text, text, text, text, integer) from public;
grant execute on function holdpoint.read_events_v1(text, text, text, text, text, integer) to hp_app;
