-- A page of runs, newest first (ids carry their time). command: {credentialHash, status, statuses, agentId, sessionId,
-- endUserId, afterId, limit}. statuses: any of them. One row more than the limit says that there is a next page.
create or replace function holdpoint.list_runs_v1(command json) returns json
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
  select coalesce(json_agg(row_to_json(p)), '[]'::json) into page from (
    select * from holdpoint.runs r where r.org_id = who.org_id
      and (who.agent_id is null or r.agent_id = who.agent_id)
      and (command ->> 'status' is null or r.status = command ->> 'status')
      and (command -> 'statuses' is null or r.status = any (array(select json_array_elements_text(command -> 'statuses'))))
      and (command ->> 'agentId' is null or r.agent_id = command ->> 'agentId')
      and (command ->> 'sessionId' is null or r.session_id = command ->> 'sessionId')
      and (command ->> 'endUserId' is null or r.end_user_id = command ->> 'endUserId')
      and (command ->> 'afterId' is null or r.id < command ->> 'afterId')
    order by r.id desc limit (command ->> 'limit')::integer + 1) p;
  return json_build_object('code', 'ok', 'now', holdpoint.hp_now(), 'page', page);
end $$;
revoke all on function holdpoint.list_runs_v1(json) from public;
grant execute on function holdpoint.list_runs_v1(json) to hp_app;
