-- The runs of a session that are not over, the newest first. Who may take each in hand, control_run_v1 says.
create or replace function holdpoint.open_runs_of_session_v1(credential_hash text, session text) returns json
language plpgsql volatile set search_path = '' as $$
declare who constant holdpoint.principal := holdpoint.identify_v1(credential_hash);
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  if not holdpoint.may_read_runs_v1(who.kind, who.scopes) then
    return json_build_object('code', 'not_allowed', 'needs', 'scope runs:*');
  end if;
  -- As get_session_v1 tells it: for an agent's key there are the sessions in which its agent has a run.
  if not exists (select from holdpoint.sessions s where s.org_id = who.org_id and s.id = session and s.deleting_at is null)
    or who.agent_id is not null and not exists (select from holdpoint.runs r
      where r.org_id = who.org_id and r.session_id = session and r.agent_id = who.agent_id) then
    return json_build_object('code', 'not_found');
  end if;
  return json_build_object('code', 'ok', 'runs', (select coalesce(json_agg(r.id order by r.id desc), '[]'::json)
    from holdpoint.runs r where r.org_id = who.org_id and r.session_id = session and r.ended_at is null
      and (who.agent_id is null or r.agent_id = who.agent_id)));
end $$;
revoke all on function holdpoint.open_runs_of_session_v1(text, text) from public;
grant execute on function holdpoint.open_runs_of_session_v1(text, text) to hp_app;
