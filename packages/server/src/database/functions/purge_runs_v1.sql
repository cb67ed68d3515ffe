-- Takes the rows of runs with all that was said, called and asked in them, and of holds with what was decided. Called by
-- delete_run_v1 and purge_session_v1, which have looked that nothing of them goes on. The only thing that deletes them.
create or replace function holdpoint.purge_runs_v1(org text, runs text[], holds text[]) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  calls constant text[] := array(select c.id from holdpoint.tool_calls c where c.org_id = org and c.run_id = any (runs));
  -- What agents elsewhere were let do in them. Only the log says which those are.
  proceeded constant text[] := array(select e.data ->> 'claimId' from holdpoint.events e
    where e.org_id = org and e.run_id = any (runs) and e.run_id is not null and e.type = 'action.auto_proceeded');
begin
  delete from holdpoint.samples s where s.org_id = org and s.run_id = any (runs) and s.run_id is not null;
  delete from holdpoint.samples s where s.org_id = org and s.claim_id = any (proceeded);
  delete from holdpoint.once_results o where o.org_id = org and o.tool_call_id = any (calls);
  delete from holdpoint.run_notes n where n.org_id = org and n.run_id = any (runs);
  delete from holdpoint.fork_actions f where f.org_id = org and f.run_id = any (runs);
  delete from holdpoint.asks a where a.org_id = org and a.run_id = any (runs);
  delete from holdpoint.claims c where c.org_id = org and c.id = any (proceeded);
  delete from holdpoint.claims c where c.org_id = org and c.tool_call_id = any (calls);
  delete from holdpoint.executions e where e.org_id = org and e.hold_id = any (holds);
  delete from holdpoint.claims c where c.org_id = org and c.hold_id = any (holds);
  delete from holdpoint.decisions d where d.org_id = org and d.hold_id = any (holds);
  delete from holdpoint.deferrals d where d.org_id = org and d.hold_id = any (holds);
  delete from holdpoint.request_keys k where k.org_id = org and k.hold_id = any (holds);
  delete from holdpoint.holds h where h.org_id = org and h.id = any (holds);
  delete from holdpoint.tool_calls c where c.org_id = org and c.id = any (calls);
  delete from holdpoint.messages m where m.org_id = org and m.run_id = any (runs);
  delete from holdpoint.steps s where s.org_id = org and s.run_id = any (runs);
  delete from holdpoint.runs r where r.org_id = org and r.id = any (runs);
end $$;
alter function holdpoint.purge_runs_v1(text, text[], text[]) owner to hp_eraser;
revoke all on function holdpoint.purge_runs_v1(text, text[], text[]) from public;
grant execute on function holdpoint.purge_runs_v1(text, text[], text[]) to hp_app;
