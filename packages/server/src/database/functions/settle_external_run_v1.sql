-- A run that lives elsewhere holds while one of its holds is open, and runs otherwise; paused it stays. Called with its row
-- locked; answers it as it is then, and writes it back only where it changed.
create or replace function holdpoint.settle_external_run_v1(run holdpoint.runs, event_id text, at timestamptz) returns holdpoint.runs
language plpgsql volatile set search_path = '' as $$
declare is_holding boolean;
begin
  if run.status not in ('running', 'holding') then return run; end if;
  is_holding := holdpoint.is_run_holding_v1(run);
  if is_holding = (run.status = 'holding') then return run; end if;
  run.status := case when is_holding then 'holding' else 'running' end;
  run.version := run.version + 1;
  update holdpoint.runs r set status = run.status, version = run.version where r.org_id = run.org_id and r.id = run.id;
  perform holdpoint.append_run_event_v1(run, json_build_object('id', event_id, 'type', case when is_holding then 'run.holding' else 'run.resumed' end,
    'data', case when is_holding then json_build_object('holdIds', (select json_agg(h.id order by h.id) from holdpoint.holds h
      where h.org_id = run.org_id and h.run_id = run.id and h.status = 'pending')) else '{}'::json end), at);
  return run;
end $$;
revoke all on function holdpoint.settle_external_run_v1(holdpoint.runs, text, timestamptz) from public;
grant execute on function holdpoint.settle_external_run_v1(holdpoint.runs, text, timestamptz) to hp_app;
