-- Takes an agent away that was made over the API: an operator or admin, and not while a run of it is not over. Whoever makes a run of
-- it locks its row, so that either sees the other.
-- command: {credentialHash, id, eventId}
-- Answers {code: "ok", orgId, agent} or {code: "unauthorized" | "not_allowed" | "not_found" | "busy" (with runId)}.
create or replace function holdpoint.delete_agent_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(command ->> 'credentialHash');
  gone holdpoint.agents;
  busy text;
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  if who.member_id is null or who.role not in ('operator', 'admin') then
    return json_build_object('code', 'not_allowed', 'needs', 'role operator or admin');
  end if;
  -- Repeated after a lost connection.
  if exists (select from holdpoint.events e where e.org_id = who.org_id and e.id = command ->> 'eventId') then
    return json_build_object('code', 'ok', 'orgId', who.org_id);
  end if;
  select * into gone from holdpoint.agents a where a.org_id = who.org_id and a.id = command ->> 'id' and a.deleted_at is null
    for update;
  if gone.id is null then return json_build_object('code', 'not_found'); end if;
  select r.id into busy from holdpoint.runs r where r.org_id = gone.org_id and r.agent_id = gone.id and r.ended_at is null limit 1;
  if busy is not null then return json_build_object('code', 'busy', 'runId', busy); end if;
  -- Its key may make another one.
  update holdpoint.agents a set deleted_at = holdpoint.hp_now(), instructions = '', idempotency_key = null
    where a.org_id = gone.org_id and a.id = gone.id;
  insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, agent_id, data)
    values (gone.org_id, command ->> 'eventId', 'agent.deleted', holdpoint.hp_now(), 'member', who.member_id, who.member_name, gone.id,
      json_build_object('name', gone.name));
  return json_build_object('code', 'ok', 'orgId', gone.org_id);
end $$;
revoke all on function holdpoint.delete_agent_v1(json) from public;
grant execute on function holdpoint.delete_agent_v1(json) to hp_app;
