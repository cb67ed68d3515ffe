-- Before the pending holds of a run are settled, with their rows locked: where another run's call asked one of them, settling
-- goes from run to run, and only one transaction at a time does (settle_hold_v1). Taken before any run is locked, or two that
-- do would wait in a circle.
create or replace function holdpoint.lock_shared_runs_v1(org text, run text) returns void
language plpgsql volatile set search_path = '' as $$
begin
  if exists (select from holdpoint.holds h join holdpoint.asks a on a.org_id = h.org_id and a.hold_id = h.id
      where h.org_id = org and h.run_id = lock_shared_runs_v1.run and h.status = 'pending' and a.run_id <> h.run_id) then
    perform pg_advisory_xact_lock(7238116254001);
  end if;
end $$;
revoke all on function holdpoint.lock_shared_runs_v1(text, text) from public;
grant execute on function holdpoint.lock_shared_runs_v1(text, text) to hp_app;
