-- What is known before a service is carried out: whether this very request was begun before, and what was asked about its
-- transaction by whoever asks now, the newest first.
-- command: {credentialHash, orgId, transactionId, requestHash, idempotencyKey, bodyHash, actionName}
-- Answers {code: "ok", holds, policyRevision} | {code: "repeated", execution, now} or a refusal.
create or replace function holdpoint.find_execution_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(command ->> 'credentialHash');
  asker constant text := coalesce(who.agent_id, who.member_id, who.principal_id);
  earlier holdpoint.executions;
  holds json;
begin
  if who.org_id is distinct from command ->> 'orgId' or who.org_id is null then
    return json_build_object('code', 'unauthorized');
  end if;
  if who.kind in ('agent', 'relay') and not ('holds:create' = any (who.scopes)) then
    return json_build_object('code', 'not_allowed', 'needs', 'scope holds:create');
  end if;
  if who.kind = 'session' and who.role in ('viewer', 'reviewer') then
    return json_build_object('code', 'not_allowed', 'needs', 'role operator');
  end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  -- Before the executions: whoever sees here that an approval is redeemed sees below what redeemed it.
  holds := (select coalesce(json_agg(row_to_json(r)), '[]'::json)
    from (select h.* from holdpoint.holds h where h.org_id = who.org_id and h.transaction_id = command ->> 'transactionId'
      and h.requester = asker and h.kind = 'approval' and h.action ->> 'name' = command ->> 'actionName'
      order by h.id desc limit 50) r);
  if command ->> 'idempotencyKey' is not null then
    select * into earlier from holdpoint.executions e
      where e.org_id = who.org_id and e.idempotency_key = command ->> 'idempotencyKey';
    if earlier.id is not null and (earlier.requester <> asker or earlier.body_hash is distinct from command ->> 'bodyHash') then
      return json_build_object('code', 'idempotency_mismatch');
    end if;
  end if;
  if earlier.id is null then
    select * into earlier from holdpoint.executions e where e.org_id = who.org_id and e.requester = asker
      and e.transaction_id = command ->> 'transactionId' and e.request_hash = command ->> 'requestHash';
  end if;
  if earlier.id is not null then
    -- What nobody knew may have been told of its hold since.
    if earlier.status = 'unknown' and earlier.hold_id is not null then
      select h.fulfilment, h.execution -> 'result', h.execution -> 'error' into earlier.status, earlier.result, earlier.error
        from holdpoint.holds h where h.org_id = earlier.org_id and h.id = earlier.hold_id;
    end if;
    return json_build_object('code', 'repeated', 'now', holdpoint.hp_now(), 'execution', row_to_json(earlier));
  end if;
  return json_build_object('code', 'ok', 'now', holdpoint.hp_now(), 'holds', holds,
    'policyRevision', coalesce((select p.revision from holdpoint.policies p where p.org_id = who.org_id), 0));
end $$;
revoke all on function holdpoint.find_execution_v1(json) from public;
grant execute on function holdpoint.find_execution_v1(json) to hp_app;
