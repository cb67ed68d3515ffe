-- Takes the rows of a session: its runs and its holds (purge_runs_v1), and what else there is of it. Called by delete_session_v1,
-- which has looked that nothing of it goes on.
create or replace function holdpoint.purge_session_v1(org text, session text) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare
  runs constant text[] := array(select r.id from holdpoint.runs r where r.org_id = org and r.session_id = session);
  -- Also those that an agent elsewhere has made for one of the runs without naming the session.
  holds constant text[] := array(select h.id from holdpoint.holds h where h.org_id = org and h.session_id = session
    union select h.id from holdpoint.holds h where h.org_id = org and h.run_id = any (runs) and h.run_id is not null);
begin
  perform holdpoint.purge_runs_v1(org, runs, holds);
  delete from holdpoint.standing_orders o where o.org_id = org and o.scope = 'session' and o.subject = session;
  delete from holdpoint.deleted_runs d where d.org_id = org and d.session_id = session;
  delete from holdpoint.sessions s where s.org_id = org and s.id = session;
  return json_build_object('runs', cardinality(runs), 'holds', cardinality(holds));
end $$;
alter function holdpoint.purge_session_v1(text, text) owner to hp_eraser;
revoke all on function holdpoint.purge_session_v1(text, text) from public;
grant execute on function holdpoint.purge_session_v1(text, text) to hp_app;
