-- Where a stream goes on that was read as far as an event: {xid, id}; null where the organisation has none of that id. Before an
-- event that others may still come in front of, a stream begins there, and tells some of what is known again (I12).
create or replace function holdpoint.event_position_v1(org text, event_id text) returns json
language plpgsql volatile set search_path = '' as $$
declare
  horizon constant xid8 := pg_snapshot_xmin(pg_current_snapshot());
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  return (select case when e.xid < horizon then json_build_object('xid', e.xid::text, 'id', e.id)
      else json_build_object('xid', horizon::text, 'id', '') end
    from holdpoint.events e where e.org_id = org and e.id = event_id);
end $$;
revoke all on function holdpoint.event_position_v1(text, text) from public;
grant execute on function holdpoint.event_position_v1(text, text) to hp_app;
