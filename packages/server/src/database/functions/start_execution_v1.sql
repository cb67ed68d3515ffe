-- Begins to carry out a service: redeems an approval (claim_v1) or records that the policy lets it proceed (proceed_v1), and
-- keeps that it was begun, all in one transaction (I1, I2). Of two same requests one begins.
-- command: {credentialHash, orgId, execution: {id, transactionId, serviceId, requestHash, agentId, lostAfterSeconds,
--   idempotencyKey, bodyHash}, claim: command of claim_v1 | proceed: command of proceed_v1}
-- Answers {code: "ok", execution, ...} | {code: "repeated", execution, now} | {code: "agent_paused"} or what claim_v1 or proceed_v1 refuse.
create or replace function holdpoint.start_execution_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(command ->> 'credentialHash');
  asker constant text := coalesce(who.agent_id, who.member_id, who.principal_id);
  asked constant json := command -> 'execution';
  earlier holdpoint.executions;
  at timestamptz;
  answer json;
begin
  if who.org_id is distinct from command ->> 'orgId' or who.org_id is null then
    return json_build_object('code', 'unauthorized');
  end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  -- First the key, then what it stands for: in this order everywhere, so that nobody waits in a circle.
  if asked ->> 'idempotencyKey' is not null then
    perform pg_advisory_xact_lock(hashtextextended(who.org_id || ' key ' || (asked ->> 'idempotencyKey'), 1));
  end if;
  perform pg_advisory_xact_lock(hashtextextended(
    concat_ws(' ', who.org_id, asker, asked ->> 'requestHash', asked ->> 'transactionId'), 2));
  at := holdpoint.hp_now();
  select * into earlier from holdpoint.executions e where e.org_id = who.org_id and e.idempotency_key = asked ->> 'idempotencyKey';
  if earlier.id is not null and (earlier.requester <> asker or earlier.body_hash is distinct from asked ->> 'bodyHash') then
    return json_build_object('code', 'idempotency_mismatch');
  end if;
  if earlier.id is null then
    select * into earlier from holdpoint.executions e where e.org_id = who.org_id and e.requester = asker
      and e.transaction_id = asked ->> 'transactionId' and e.request_hash = asked ->> 'requestHash';
  end if;
  if earlier.id is not null then
    -- A call repeated after a lost connection brings the same id: it was this one that began.
    return json_build_object('code', case when earlier.id = asked ->> 'id' then 'ok' else 'repeated' end, 'now', at,
      'execution', row_to_json(earlier));
  end if;
  -- The service itself would go on for an agent that operators have stopped.
  if exists (select from holdpoint.standing_orders o where o.org_id = who.org_id and o.kind = 'pause' and o.lifted_at is null
      and (o.scope = 'all' or o.scope = 'agent' and o.subject = coalesce(who.agent_id, asked ->> 'agentId'))) then
    return json_build_object('code', 'agent_paused');
  end if;
  answer := case when command -> 'claim' is not null then holdpoint.claim_v1(command -> 'claim')
    else holdpoint.proceed_v1(command -> 'proceed') end;
  if answer ->> 'code' <> 'ok' then return answer; end if;
  insert into holdpoint.executions (org_id, id, transaction_id, service_id, agent_id, requester, request_hash, action_hash, claim_id,
      hold_id, started_at, lost_after, idempotency_key, body_hash)
    values (who.org_id, asked ->> 'id', asked ->> 'transactionId', asked ->> 'serviceId', coalesce(who.agent_id, asked ->> 'agentId'),
      asker, asked ->> 'requestHash', coalesce(answer #>> '{hold,outcome,actionHash}', answer #>> '{claim,action_hash}'),
      coalesce(answer ->> 'claimId', answer #>> '{claim,id}'), answer #>> '{hold,id}', at,
      at + make_interval(secs => (asked ->> 'lostAfterSeconds')::double precision), asked ->> 'idempotencyKey', asked ->> 'bodyHash')
    returning * into earlier;
  return json_build_object('code', 'ok', 'now', at, 'execution', row_to_json(earlier), 'hold', answer -> 'hold', 'grant', answer -> 'grant');
end $$;
revoke all on function holdpoint.start_execution_v1(json) from public;
grant execute on function holdpoint.start_execution_v1(json) to hp_app;
