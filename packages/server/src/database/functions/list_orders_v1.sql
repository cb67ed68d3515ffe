-- The orders that stand, the newest first, the agents that were made over the API, and those elsewhere that have a run now: for
-- whoever may read runs. An agent's key
-- learns of what is over its agent: not of other agents, nor of sessions in which its agent has no run.
create or replace function holdpoint.list_orders_v1(credential_hash text) returns json
language plpgsql volatile set search_path = '' as $$
declare who constant holdpoint.principal := holdpoint.identify_v1(credential_hash);
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  if not holdpoint.may_read_runs_v1(who.kind, who.scopes) then
    return json_build_object('code', 'not_allowed', 'needs', 'scope runs:* or runs:read');
  end if;
  return json_build_object('code', 'ok',
    'orders', (select coalesce(json_agg(row_to_json(o) order by o.created_at desc), '[]'::json)
      from holdpoint.standing_orders o where o.org_id = who.org_id and o.lifted_at is null
        and (who.agent_id is null or o.scope in ('all', 'tool') or o.scope = 'agent' and o.subject = who.agent_id
          or o.scope = 'session' and exists (select from holdpoint.runs r
            where r.org_id = o.org_id and r.session_id = o.subject and r.agent_id = who.agent_id))),
    'stored', (select coalesce(json_agg(row_to_json(s) order by s.created_at, s.id), '[]'::json) from (
      select * from holdpoint.agents a where a.org_id = who.org_id and a.deleted_at is null limit 1000) s),
    'agents', (select coalesce(json_agg(distinct r.agent_id), '[]'::json) from (
      select r.agent_id from holdpoint.runs r
        where r.org_id = who.org_id and r.ended_at is null and r.heartbeat_seconds is not null
          and (who.agent_id is null or r.agent_id = who.agent_id) limit 1000) r));
end $$;
revoke all on function holdpoint.list_orders_v1(text) from public;
grant execute on function holdpoint.list_orders_v1(text) to hp_app;
