-- The agent reports how an execution that it claimed has ended.
-- command: {credentialHash, holdId, status, execution, eventId, idempotencyKey, bodyHash}
create or replace function holdpoint.report_execution_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who holdpoint.principal;
  hold holdpoint.holds;
  at timestamptz;
  known boolean;
  next text := case command ->> 'status' when 'succeeded' then 'executed' else 'failed' end;
begin
  who := holdpoint.identify_v1(command ->> 'credentialHash');
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  select * into hold from holdpoint.holds h where h.org_id = who.org_id and h.id = command ->> 'holdId' for update;
  if hold.id is null or (who.kind = 'agent' and who.agent_id is not null and hold.agent_id is distinct from who.agent_id) then
    return json_build_object('code', 'not_found');
  end if;
  at := holdpoint.hp_now();
  if hold.requester is distinct from coalesce(who.agent_id, who.member_id, who.principal_id) or hold.tool_call_id is not null then
    return json_build_object('code', 'not_allowed', 'needs', 'the principal that asked', 'hold', row_to_json(hold));
  end if;
  -- What a service of this server is carrying out, that service tells, and nobody before it.
  if hold.transaction_id is not null and exists (select from holdpoint.executions e
      where e.org_id = hold.org_id and e.requester = hold.requester and e.transaction_id = hold.transaction_id
        and e.hold_id = hold.id and e.status = 'executing') then
    return json_build_object('code', 'not_allowed', 'needs', 'the service that carries it out', 'hold', row_to_json(hold));
  end if;
  known := holdpoint.known_request_v1(hold, who, command);
  if known is not null then
    return json_build_object('code', case when known then 'repeated' else 'idempotency_mismatch' end, 'now', at,
      'hold', row_to_json(hold));
  end if;
  -- The same report again is one report: the agent may not have heard our answer.
  if hold.fulfilment = next and hold.execution::jsonb = (command -> 'execution')::jsonb then
    return json_build_object('code', case when holdpoint.keep_request_key_v1(hold, who, command) then 'repeated'
      else 'idempotency_mismatch' end, 'now', at, 'hold', row_to_json(hold));
  end if;
  if hold.fulfilment not in ('executing', 'unknown') then
    return json_build_object('code', 'not_executing', 'hold', row_to_json(hold));
  end if;
  if not holdpoint.keep_request_key_v1(hold, who, command) then
    return json_build_object('code', 'idempotency_mismatch', 'hold', row_to_json(hold));
  end if;
  hold.fulfilment := next;
  hold.execution := command -> 'execution';
  hold.version := hold.version + 1;
  update holdpoint.holds h set fulfilment = hold.fulfilment, execution = hold.execution, version = hold.version
    where h.org_id = hold.org_id and h.id = hold.id;
  perform holdpoint.append_hold_event_v1(hold, command ->> 'eventId',
    case next when 'executed' then 'action.executed' else 'action.failed' end, at,
    case when who.member_id is null then 'agent' else 'member' end, hold.requester, who.member_name, null, null,
    json_build_object('holdId', hold.id, 'actionHash', hold.outcome ->> 'actionHash', 'execution', hold.execution));
  -- Of changed arguments nobody has said with whom they deal.
  if next = 'executed' and hold.status = 'approved' and hold.facts #>> '{action,counterparty}' is not null then
    perform holdpoint.know_counterparty_v1(hold.org_id, hold.action ->> 'name', hold.facts #>> '{action,counterparty}', at);
  end if;
  return json_build_object('code', 'ok', 'now', at, 'hold', row_to_json(hold));
end $$;
revoke all on function holdpoint.report_execution_v1(json) from public;
grant execute on function holdpoint.report_execution_v1(json) to hp_app;
