-- Takes the rows of a session: its runs with all that was said, called and asked in them, and its holds with what was decided.
-- Called by delete_session_v1, which has looked that nothing of it goes on. The only thing that deletes them.
create or replace function holdpoint.purge_session_v1(org text, session text) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare
  runs constant text[] := array(select r.id from holdpoint.runs r where r.org_id = org and r.session_id = session);
  -- Also those that an agent elsewhere has made for one of the runs without naming the session.
  holds constant text[] := array(select h.id from holdpoint.holds h where h.org_id = org and h.session_id = session
    union select h.id from holdpoint.holds h where h.org_id = org and h.run_id = any (runs) and h.run_id is not null);
  calls constant text[] := array(select c.id from holdpoint.tool_calls c where c.org_id = org and c.run_id = any (runs));
begin
  delete from holdpoint.samples s where s.org_id = org and s.run_id = any (runs) and s.run_id is not null;
  delete from holdpoint.once_results o where o.org_id = org and o.tool_call_id = any (calls);
  delete from holdpoint.run_notes n where n.org_id = org and n.run_id = any (runs);
  delete from holdpoint.fork_actions f where f.org_id = org and f.run_id = any (runs);
  delete from holdpoint.asks a where a.org_id = org and a.run_id = any (runs);
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
  delete from holdpoint.standing_orders o where o.org_id = org and o.scope = 'session' and o.subject = session;
  delete from holdpoint.sessions s where s.org_id = org and s.id = session;
  return json_build_object('runs', cardinality(runs), 'holds', cardinality(holds));
end $$;
alter function holdpoint.purge_session_v1(text, text) owner to hp_eraser;
revoke all on function holdpoint.purge_session_v1(text, text) from public;
grant execute on function holdpoint.purge_session_v1(text, text) to hp_app;
