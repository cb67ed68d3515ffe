-- A page of sessions, the one used last first. command: {credentialHash, endUserId, afterUsedAt, afterId, limit}. One row more than
-- the limit says that there is a next page. An agent's key sees those in which its agent has a run.
create or replace function holdpoint.list_sessions_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who holdpoint.principal;
  page json;
begin
  who := holdpoint.identify_v1(command ->> 'credentialHash');
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  if not holdpoint.may_read_runs_v1(who.kind, who.scopes) then
    return json_build_object('code', 'not_allowed', 'needs', 'scope runs:* or runs:read');
  end if;
  select coalesce(json_agg(holdpoint.session_summary_v1(p.session, who.agent_id) order by (p.session).last_used_at desc, (p.session).id desc), '[]'::json)
    into page from (
      select s as session from holdpoint.sessions s where s.org_id = who.org_id and s.deleting_at is null
        and (command ->> 'endUserId' is null or s.end_user_id = command ->> 'endUserId')
        and (command ->> 'afterId' is null or (s.last_used_at, s.id) < ((command ->> 'afterUsedAt')::timestamptz, command ->> 'afterId'))
        and (who.agent_id is null or exists (select from holdpoint.runs r
          where r.org_id = s.org_id and r.session_id = s.id and r.agent_id = who.agent_id))
      order by s.last_used_at desc, s.id desc limit (command ->> 'limit')::integer + 1) p;
  return json_build_object('code', 'ok', 'page', page);
end $$;
revoke all on function holdpoint.list_sessions_v1(json) from public;
grant execute on function holdpoint.list_sessions_v1(json) to hp_app;
