-- A run that is about to be made, as the standing orders want it: it begins, and pauses at its first interrupt point. Called
-- before it is inserted, by everything that makes runs.
create or replace function holdpoint.under_orders_v1(run holdpoint.runs) returns holdpoint.runs
language plpgsql volatile set search_path = '' as $$
declare pause holdpoint.standing_orders;
begin
  perform holdpoint.lock_orders_v1(run.org_id, false);
  pause := holdpoint.pause_over_v1(run);
  if pause.scope is not null then
    run.pause_requested := true;
    run.pause_scope := pause.scope;
    run.pause_asked := holdpoint.pause_asked_v1(pause);
  end if;
  return run;
end $$;
revoke all on function holdpoint.under_orders_v1(holdpoint.runs) from public;
grant execute on function holdpoint.under_orders_v1(holdpoint.runs) to hp_app;
