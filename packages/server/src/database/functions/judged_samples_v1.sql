-- What people judged of what proceeded by itself: the newest, as [agent, confidence, verdict]. For people.
-- command: {credentialHash, agentId, limit}
create or replace function holdpoint.judged_samples_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare who holdpoint.principal;
begin
  who := holdpoint.identify_v1(command ->> 'credentialHash');
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  if who.member_id is null then return json_build_object('code', 'not_allowed', 'needs', 'person'); end if;
  return json_build_object('code', 'ok', 'judged', (select coalesce(json_agg(json_build_array(s.agent_id, s.confidence, s.verdict)), '[]'::json)
    from (select * from holdpoint.samples p where p.org_id = who.org_id and p.verdict is not null
        and (command ->> 'agentId' is null or p.agent_id = command ->> 'agentId')
      order by p.id desc limit (command ->> 'limit')::integer) s));
end $$;
revoke all on function holdpoint.judged_samples_v1(json) from public;
grant execute on function holdpoint.judged_samples_v1(json) to hp_app;
