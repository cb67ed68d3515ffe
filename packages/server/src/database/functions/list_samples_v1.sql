-- A page of samples, newest first, one more than asked for, each with how its call ended. For people.
-- command: {credentialHash, status, agentId, afterId, limit}
create or replace function holdpoint.list_samples_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare who holdpoint.principal;
begin
  who := holdpoint.identify_v1(command ->> 'credentialHash');
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  if who.member_id is null then return json_build_object('code', 'not_allowed', 'needs', 'person'); end if;
  return json_build_object('code', 'ok', 'page', (select coalesce(json_agg(json_build_object('sample', s.sample, 'call',
      json_build_object('status', c.status, 'result', c.result, 'error', c.error)) order by s.id desc), '[]'::json)
    from (select row_to_json(p) as sample, p.org_id, p.id, p.tool_call_id from holdpoint.samples p
      where p.org_id = who.org_id and (command ->> 'agentId' is null or p.agent_id = command ->> 'agentId')
        and (command ->> 'status' is null or (p.verdict is null) = (command ->> 'status' = 'open'))
        and (command ->> 'afterId' is null or p.id < command ->> 'afterId')
      order by p.id desc limit (command ->> 'limit')::integer + 1) s
    left join holdpoint.tool_calls c on c.org_id = s.org_id and c.id = s.tool_call_id));
end $$;
revoke all on function holdpoint.list_samples_v1(json) from public;
grant execute on function holdpoint.list_samples_v1(json) to hp_app;
