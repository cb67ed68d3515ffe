-- The one way into execution (I1, I2). Under the run's lock and fenced by its epoch: checks that this call may start,
-- redeems the single-use claim of this attempt, and answers the arguments that were approved: these and no others run.
--
-- command: {orgId, runId, epoch, callId, claimId, eventId, actionHash, isAutomatic, because: "answered" | "idempotent" | "resumed" | null,
--   lifetimeSeconds, reasons, policyRevision, policyVersion, rule, level, facts, shadow, grantId, separation, sampleId}
-- actionHash is what the worker computes from the tool as it is now and the arguments; it must be the hash that was
-- approved (or that was proposed, where the policy lets the call run by itself).
-- policyRevision: of the policy that was asked before a first start, by itself or approved; under another one it is asked again.
-- "resumed": the call asked something, and nothing of that is open any more.
-- Answers {code: "ok" | "repeated", arguments, attempt, earlier: what it asked and kept, from the second attempt on}, or {code: "lost" | "not_approved" | "action_changed" | "policy_outdated" |
-- "grant_spent" (not enough is left of the standing permission that would let it start)}.
create or replace function holdpoint.start_call_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  asked constant holdpoint.start_call_command := json_populate_record(null::holdpoint.start_call_command, command);
  ignored text;
  run holdpoint.runs;
  call holdpoint.tool_calls;
  hold holdpoint.holds;
  earlier holdpoint.claims;
  at timestamptz;
  allowed_hash text;
  allowed_arguments json;
  action_value numeric;
  used holdpoint.grants;
  claim holdpoint.claims;
begin
  ignored := pg_catalog.set_config('hp.org_id', asked."orgId", true);
  select * into run from holdpoint.runs r where r.org_id = asked."orgId" and r.id = asked."runId" for update;
  if run.id is null or run.lease_epoch <> asked.epoch or run.status in ('completed', 'failed', 'cancelled') then
    return json_build_object('code', 'lost');
  end if;
  select * into call from holdpoint.tool_calls c where c.org_id = run.org_id and c.id = asked."callId" and c.run_id = run.id;
  if call.hold_id is not null then
    select * into hold from holdpoint.holds h where h.org_id = run.org_id and h.id = call.hold_id and h.tool_call_id = call.id;
  end if;
  allowed_hash := case when call.hold_id is null then call.action_hash else hold.outcome ->> 'actionHash' end;
  allowed_arguments := case when call.hold_id is null then call.arguments else hold.outcome -> 'arguments' end;
  at := holdpoint.hp_now();

  -- Repeated after a lost connection: this claim is ours already.
  select * into earlier from holdpoint.claims c where c.org_id = run.org_id and c.id = asked."claimId";
  if earlier.id is not null then
    return json_build_object('code', 'repeated', 'now', at, 'arguments', allowed_arguments, 'attempt', earlier.attempt,
      'earlier', case when earlier.attempt > 1 or run.forked_from is not null then holdpoint.asks_of_call_v1(run.org_id, call.id) end);
  end if;

  if call.hold_id is null and not coalesce(asked."isAutomatic", false)
    or call.hold_id is not null and coalesce(hold.status, '') not in ('approved', 'modified')
    or call.status = 'unknown' and coalesce(asked.because, '') not in ('answered', 'idempotent')
    or (call.status = 'suspended') <> (coalesce(asked.because, '') = 'resumed')
    or call.status not in ('unknown', 'suspended', case when call.hold_id is null then 'proposed' else 'approved' end)
    or call.status = 'approved' and hold.fulfilment not in ('waiting', 'delivered') then
    return json_build_object('code', 'not_approved');
  end if;
  if call.status = 'suspended' then
    if exists (select from holdpoint.asks a join holdpoint.holds h on h.org_id = a.org_id and h.id = a.hold_id
        where a.org_id = run.org_id and a.tool_call_id = call.id and h.status = 'pending') then
      return json_build_object('code', 'not_approved');
    end if;
  end if;
  -- A second start because a person said so needs that person's answer, about this very attempt.
  if asked.because = 'answered' and not exists (select from holdpoint.holds h
      where h.org_id = run.org_id and h.run_id = run.id and h.tool_call_id = call.id and h.kind = 'escalation' and h.status = 'answered'
        and h.outcome #>> '{answer,executed}' = 'retry' and (h.question #>> '{data,attempt}')::integer = call.attempt) then
    return json_build_object('code', 'not_approved');
  end if;
  if allowed_hash is distinct from asked."actionHash" then
    return json_build_object('code', 'action_changed');
  end if;

  if call.status in ('proposed', 'approved')
    and coalesce(asked."policyRevision", 0) <> coalesce((select p.revision from holdpoint.policies p where p.org_id = run.org_id), 0) then
    return json_build_object('code', 'policy_outdated');
  end if;
  if call.status = 'approved' then
    if holdpoint.entitlement_lost_v1(hold, at) then return json_build_object('code', 'entitlement_lost'); end if;
  end if;

  -- What a person approved needs no standing permission.
  if call.status = 'proposed' and asked."grantId" is not null then
    action_value := (asked.facts #>> '{action,value}')::numeric;
    used := holdpoint.use_grant_v1(run.org_id, asked."grantId", call.name, run.agent_id, run.end_user_id, action_value,
      case when asked.separation = 'starter' then run.starter_member_id end, at);
    if used.id is null then return json_build_object('code', 'grant_spent'); end if;
  end if;

  call.attempt := call.attempt + 1;
  insert into holdpoint.claims (org_id, id, hold_id, tool_call_id, attempt, action_hash, run_id, redeemed_by, redeemed_at, expires_at, reasons,
      grant_id, grant_value)
    values (run.org_id, asked."claimId", call.hold_id, call.id, call.attempt, allowed_hash, run.id, run.agent_id, at,
      at + make_interval(secs => asked."lifetimeSeconds"), asked.reasons,
      used.id, case when used.budget is not null then action_value end)
    returning * into claim;
  perform holdpoint.append_run_event_v1(run, json_build_object('id', asked."eventId",
    'type', case when call.status = 'proposed' then 'action.auto_proceeded' else 'action.executing' end,
    'toolCallId', call.id, 'holdId', call.hold_id, 'actionName', call.name, 'actionHash', allowed_hash,
    'data', json_build_object('toolCallId', call.id, 'holdId', call.hold_id, 'claimId', asked."claimId", 'attempt', call.attempt,
      'action', json_build_object('name', call.name, 'arguments', allowed_arguments), 'actionHash', allowed_hash,
      'reasons', asked.reasons, 'because', asked.because, 'policyVersion', asked."policyVersion",
      'rule', asked.rule, 'level', asked.level, 'grantId', used.id,
      'grantLeft', case when used.id is not null then json_build_object('uses', used.uses_left, 'budget', used.budget_left) end,
      'sampleId', case when call.status = 'proposed' then asked."sampleId" end, 'facts', asked.facts,
      'shadow', asked.shadow)), at);
  if call.status = 'proposed' and asked."sampleId" is not null then
    perform holdpoint.keep_sample_v1(claim, command, run.agent_id, run.end_user_id,
      json_build_object('name', call.name, 'arguments', allowed_arguments), at);
  end if;
  update holdpoint.tool_calls c set status = 'executing', attempt = call.attempt, started_at = coalesce(c.started_at, at), ended_at = null
    where c.org_id = run.org_id and c.id = call.id;
  update holdpoint.holds h set fulfilment = 'executing', version = h.version + 1 where h.org_id = run.org_id and h.id = call.hold_id;
  return json_build_object('code', 'ok', 'now', at, 'arguments', allowed_arguments, 'attempt', call.attempt,
    'grant', case when used.id is not null then row_to_json(used) end,
    'earlier', case when call.attempt > 1 or run.forked_from is not null then holdpoint.asks_of_call_v1(run.org_id, call.id) end);
end $$;
revoke all on function holdpoint.start_call_v1(json) from public;
grant execute on function holdpoint.start_call_v1(json) to hp_app;
