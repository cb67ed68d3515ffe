-- A page of standing permissions, newest first, one more than asked for; or one with its uses. For people.
-- command: {credentialHash, id} or {credentialHash, tool, agentId, active, afterId, limit}
create or replace function holdpoint.list_grants_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who holdpoint.principal;
  at timestamptz;
begin
  who := holdpoint.identify_v1(command ->> 'credentialHash');
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  if who.member_id is null then return json_build_object('code', 'not_allowed', 'needs', 'person'); end if;
  at := holdpoint.hp_now();
  return json_build_object('code', 'ok', 'now', at,
    'page', (select coalesce(json_agg(to_jsonb(g) || jsonb_build_object('used_count',
        (select count(*) from holdpoint.claims c where c.org_id = g.org_id and c.grant_id = g.id)) order by g.id desc), '[]'::json)
      from (select * from holdpoint.grants g
        where g.org_id = who.org_id and (command ->> 'id' is null or g.id = command ->> 'id')
          and (command ->> 'tool' is null or g.tool = command ->> 'tool')
          and (command ->> 'agentId' is null or g.agent_id = command ->> 'agentId')
          and (command ->> 'active' is null or (command ->> 'active')::boolean =
            (g.revoked_at is null and g.expires_at > at and coalesce(g.uses_left, 1) > 0 and coalesce(g.budget_left, 1) > 0))
          and (command ->> 'afterId' is null or g.id < command ->> 'afterId')
        order by g.id desc limit coalesce((command ->> 'limit')::integer, 1) + 1) g),
    'uses', case when command ->> 'id' is not null then (select coalesce(json_agg(row_to_json(c) order by c.id desc), '[]'::json)
      from (select * from holdpoint.claims c where c.org_id = who.org_id and c.grant_id = command ->> 'id'
        order by c.id desc limit 100) c) end);
end $$;
revoke all on function holdpoint.list_grants_v1(json) from public;
grant execute on function holdpoint.list_grants_v1(json) to hp_app;
