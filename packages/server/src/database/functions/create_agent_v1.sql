-- Makes an agent of the config's tools: an operator or admin. One round trip, one transaction, one event.
-- command: {credentialHash, agent: {columns}, eventId}
-- Nobody takes the place of another: not while a run of that id goes on, nor where a standing permission names it.
-- Answers {code: "ok" | "repeated", agent} or {code: "unauthorized" | "not_allowed" | "idempotency_mismatch" | "taken" (with why: "agent" |
-- "run" | "grant", and by: its id) | "full"}.
create or replace function holdpoint.create_agent_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(command ->> 'credentialHash');
  at constant timestamptz := holdpoint.hp_now();
  made holdpoint.agents := json_populate_record(null::holdpoint.agents, command -> 'agent');
  known holdpoint.agents;
  other text;
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  if who.member_id is null or who.role not in ('operator', 'admin') then
    return json_build_object('code', 'not_allowed', 'needs', 'role operator or admin');
  end if;
  select * into known from holdpoint.agents a where a.org_id = who.org_id and a.idempotency_key = made.idempotency_key;
  if known.id is not null then
    return json_build_object('code', case when known.body_hash = made.body_hash and known.created_by = who.member_id
      then 'repeated' else 'idempotency_mismatch' end, 'agent', row_to_json(known));
  end if;
  -- Repeated after a lost connection.
  if exists (select from holdpoint.events e where e.org_id = who.org_id and e.id = command ->> 'eventId') then
    select * into known from holdpoint.agents a where a.org_id = who.org_id and a.id = made.id;
    return json_build_object('code', 'repeated', 'agent', row_to_json(known));
  end if;
  select r.id into other from holdpoint.runs r where r.org_id = who.org_id and r.agent_id = made.id and r.ended_at is null limit 1;
  if other is not null then return json_build_object('code', 'taken', 'why', 'run', 'by', other); end if;
  select g.id into other from holdpoint.grants g
    where g.org_id = who.org_id and g.agent_id = made.id and g.revoked_at is null and g.expires_at > at limit 1;
  if other is not null then return json_build_object('code', 'taken', 'why', 'grant', 'by', other); end if;
  if (select count(*) from holdpoint.agents a where a.org_id = who.org_id and a.deleted_at is null) >= 1000 then return json_build_object('code', 'full'); end if;
  made.org_id := who.org_id;
  made.created_at := at;
  made.created_by := who.member_id;
  insert into holdpoint.agents select (made).* on conflict do nothing;
  if not found then return json_build_object('code', 'taken', 'why', 'agent', 'by', made.id); end if;
  insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, agent_id, data)
    values (who.org_id, command ->> 'eventId', 'agent.created', at, 'member', who.member_id, who.member_name, made.id,
      json_build_object('name', made.name, 'model', made.model, 'instructions', made.instructions, 'tools', made.tools,
        'toolSettings', made.tool_settings));
  return json_build_object('code', 'ok', 'agent', row_to_json(made));
end $$;
revoke all on function holdpoint.create_agent_v1(json) from public;
grant execute on function holdpoint.create_agent_v1(json) to hp_app;
