-- The runs of a session that are to be cancelled, the newest first: those that are not over. Who may take each in hand,
-- control_run_v1 says.
-- command: {credentialHash, sessionId, key: of the request, with the hash of its body; null without one}
-- Where the request comes again: the runs that it has ended, and what it left open. What was made after it had begun to end them
-- is none of it.
-- Answers {code: "ok", runs} or {code: "unauthorized" | "not_allowed" | "not_found" | "idempotency_mismatch"}.
create or replace function holdpoint.open_runs_of_session_v2(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(command ->> 'credentialHash');
  session constant text := command ->> 'sessionId';
  key constant text := command ->> 'key';
  begun timestamptz;
  is_same boolean;
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
  select min(r.ended_at), bool_and(holdpoint.same_request_v1(r.control_key, key)) into begun, is_same
    from holdpoint.runs r where r.org_id = who.org_id and r.session_id = session and r.status = 'cancelled'
      and (who.agent_id is null or r.agent_id = who.agent_id) and holdpoint.same_request_v1(r.control_key, key) is not null;
  if not is_same then return json_build_object('code', 'idempotency_mismatch'); end if;
  return json_build_object('code', 'ok', 'runs', (select coalesce(json_agg(r.id order by r.id desc), '[]'::json)
    from holdpoint.runs r where r.org_id = who.org_id and r.session_id = session
      and (r.ended_at is null and (begun is null or r.created_at < begun)
        or begun is not null and r.status = 'cancelled' and holdpoint.same_request_v1(r.control_key, key))
      and (who.agent_id is null or r.agent_id = who.agent_id)));
end $$;
revoke all on function holdpoint.open_runs_of_session_v2(json) from public;
grant execute on function holdpoint.open_runs_of_session_v2(json) to hp_app;
