-- A session with how many runs it has and the last of them; for an agent's key of that agent alone.
create or replace function holdpoint.session_summary_v1(session holdpoint.sessions, agent text) returns json
language plpgsql volatile set search_path = '' as $$
begin
  return json_build_object('session', row_to_json(session),
    'runCount', (select count(*) from holdpoint.runs r where r.org_id = session.org_id and r.session_id = session.id
      and (agent is null or r.agent_id = agent)),
    'lastRun', (select row_to_json(r) from holdpoint.runs r where r.org_id = session.org_id and r.session_id = session.id
      and (agent is null or r.agent_id = agent) order by r.id desc limit 1));
end $$;
revoke all on function holdpoint.session_summary_v1(holdpoint.sessions, text) from public;
grant execute on function holdpoint.session_summary_v1(holdpoint.sessions, text) to hp_app;
