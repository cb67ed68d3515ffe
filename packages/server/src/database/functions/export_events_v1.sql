-- A page of an organisation's log in the order it was recorded, for reports. filter: {runId, sessionId, holdId}
create or replace function holdpoint.export_events_v1(org text, filter json, after_xid text, after_id text, count_limit integer) returns json
language plpgsql volatile set search_path = '' as $$
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  return (select coalesce(json_agg(row_to_json(e)), '[]'::json) from (
    select * from holdpoint.events e
      where e.org_id = org and (e.xid, e.id) > (after_xid::xid8, after_id)
        and (filter ->> 'runId' is null or e.run_id = filter ->> 'runId')
        and (filter ->> 'sessionId' is null or e.session_id = filter ->> 'sessionId')
        and (filter ->> 'holdId' is null or e.hold_id = filter ->> 'holdId')
      order by e.xid, e.id limit count_limit) e);
end $$;
revoke all on function holdpoint.export_events_v1(text, json, text, text, integer) from public;
grant execute on function holdpoint.export_events_v1(text, json, text, text, integer) to hp_app;
