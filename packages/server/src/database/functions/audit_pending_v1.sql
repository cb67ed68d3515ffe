-- Events without a leaf, over all organisations, in the order in which they are to get one: by transaction, then id.
-- Only those that no transaction under way can come before any more (the horizon of read_events_v1). restored: also
-- those of transactions that this server has not reached yet, which are of the server that the data came from.
create or replace function holdpoint.audit_pending_v1(after_xid text, restored boolean, count_limit integer) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare
  horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
  beyond xid8 := pg_snapshot_xmax(pg_current_snapshot());
begin
  if restored then
    return json_build_object('horizon', horizon::text, 'events', (select coalesce(json_agg(row_to_json(e)), '[]'::json) from (
      select * from holdpoint.events e where e.xid >= after_xid::xid8 and (e.xid < horizon or e.xid >= beyond)
        and not exists (select from holdpoint.audit_leaves l where l.org_id = e.org_id and l.event_id = e.id)
      order by e.xid, e.id limit count_limit) e));
  end if;
  return json_build_object('horizon', horizon::text, 'events', (select coalesce(json_agg(row_to_json(e)), '[]'::json) from (
    select * from holdpoint.events e where e.xid >= after_xid::xid8 and e.xid < horizon
      and not exists (select from holdpoint.audit_leaves l where l.org_id = e.org_id and l.event_id = e.id)
    order by e.xid, e.id limit count_limit) e));
end $$;
alter function holdpoint.audit_pending_v1(text, boolean, integer) owner to hp_definer;
revoke all on function holdpoint.audit_pending_v1(text, boolean, integer) from public;
grant execute on function holdpoint.audit_pending_v1(text, boolean, integer) to hp_app;
