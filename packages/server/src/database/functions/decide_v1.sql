-- A person decides. One round trip: who are you, lock, then check, then write (I1, I3, I4, I5, I6, I8, I9).
--
-- command: {credentialHash, holdId, verdict, actionHash, arguments, outcomeActionHash, answer, comment, via,
--   decisionId, eventId, idempotencyKey, bodyHash, claimedBy,
--   isGrouped: true in one transaction with other commands}
-- Arguments of a modification and answers were validated by the door against the schema stored with the hold; both
-- are immutable, so nothing can change between that check and this lock.
-- Answers {code: "ok" | "repeated", hold}, {code: "alone"}: again, in a transaction of its own, or a refusal {code, hold, ...}; the hold in a refusal says who won.
create or replace function holdpoint.decide_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  asked constant holdpoint.decide_command := json_populate_record(null::holdpoint.decide_command, command);
  verdict constant text := asked.verdict;
  who constant holdpoint.principal := holdpoint.identify_v1(asked."credentialHash");
  ignored text;
  hold holdpoint.holds;
  earlier holdpoint.decisions;
  at timestamptz;
  next_status text;
  self_decided boolean;
  outcome json;
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  ignored := pg_catalog.set_config('hp.org_id', who.org_id, true);

  -- The lock comes before any look at status or clock: a check made before it would be of an old row.
  hold := (select h from holdpoint.holds h where h.org_id = who.org_id and h.id = asked."holdId" for update);
  if hold.id is null then return json_build_object('code', 'not_found'); end if;
  -- Deciding it locks its call and its run, which in a group others could wait for in a circle.
  if asked."isGrouped" and (hold.run_id is not null or hold.kind = 'authorization') then return json_build_object('code', 'alone'); end if;
  at := holdpoint.hp_now();

  if asked."idempotencyKey" is not null then
    select * into earlier from holdpoint.decisions d
      where d.org_id = who.org_id and d.idempotency_key = asked."idempotencyKey";
    if earlier.id is not null then
      return json_build_object('code',
        case when earlier.body_hash = asked."bodyHash" and earlier.hold_id = hold.id and earlier.by_id = who.member_id
          then 'repeated' else 'idempotency_mismatch' end, 'now', at,
        'hold', row_to_json(hold));
    end if;
  end if;

  -- More than a role or one person: lock_for_decision_v1, core's transition, write_decision_v1.
  if hold.route_role is null or hold.quorum_required > 1 or hold.quorum_refusals > 1 then
    return json_build_object('code', 'composed');
  end if;

  -- I9: a machine's credential never decides, whatever its scopes.
  if who.member_id is null then
    return json_build_object('code', 'not_allowed', 'needs', 'person', 'hold', row_to_json(hold));
  end if;
  if not holdpoint.may_decide_v1(who.role, hold.route_role) then
    -- Somebody may stand in for one who may: that is looked up only where the own right is not enough.
    if exists (select from holdpoint.delegations d where d.to_member = who.member_id and d.org_id = who.org_id
        and d.revoked_at is null and d.starts_at <= at and d.ends_at > at) then
      return json_build_object('code', 'composed');
    end if;
    return json_build_object('code', 'not_allowed', 'needs', 'role ' || hold.route_role, 'hold', row_to_json(hold));
  end if;
  -- What an operator key asked for, its member may decide; what a member asked for in a session, not.
  self_decided := hold.requester_member_id is not distinct from who.member_id;
  if (self_decided and (hold.separation = 'strict' or hold.requester_kind <> 'operator_key'))
    or (hold.separation = 'starter' and hold.starter_member_id = who.member_id) then
    return json_build_object('code', 'not_allowed', 'needs', 'another person', 'hold', row_to_json(hold));
  end if;

  -- A call repeated after a lost connection brings the same decision id: it was this one that won.
  if hold.status <> 'pending' then
    if exists (select from holdpoint.decisions d
      where d.org_id = hold.org_id and d.id = asked."decisionId" and d.hold_id = hold.id) then
      return json_build_object('code', 'repeated', 'now', at, 'hold', row_to_json(hold));
    end if;
  end if;
  -- I6: not one moment after the deadline, whether or not the sweeper has been here: what the deadline does comes first.
  if hold.status = 'pending' and hold.expires_at <= at then
    hold := holdpoint.time_out_hold_v1(hold, asked."timeoutEventId", at);
  end if;
  -- Escalated, and the ladder's time is over as well.
  if hold.status = 'pending' and hold.expires_at <= at then
    return json_build_object('code', 'expired', 'hold', row_to_json(hold));
  end if;
  -- The deadline has just asked others instead: who is not one of them by role may be so in another way.
  if hold.escalated_at is not null then
    if hold.route_role is null or not holdpoint.may_decide_v1(who.role, hold.route_role) then
      return json_build_object('code', 'composed');
    end if;
  end if;
  if hold.status = 'expired' then return json_build_object('code', 'expired', 'hold', row_to_json(hold)); end if;
  if hold.status <> 'pending' then return json_build_object('code', 'already_decided', 'hold', row_to_json(hold)); end if;
  if not (verdict = any (hold.verdicts)) then
    return json_build_object('code', 'verdict_not_allowed', 'hold', row_to_json(hold));
  end if;
  -- I8: bound to what was shown.
  if verdict in ('approve', 'modify') and hold.action_hash is not null and asked."actionHash" is null then
    return json_build_object('code', 'action_hash_required', 'hold', row_to_json(hold));
  end if;
  if verdict in ('approve', 'modify') and hold.action_hash is distinct from asked."actionHash" then
    return json_build_object('code', 'action_changed', 'hold', row_to_json(hold));
  end if;

  if hold.strength > 1 then
    if hold.strength > 2 or who.signed_in_at is null or who.signed_in_at <= at - interval '5 minutes' then
      return json_build_object('code', 'not_strong_enough', 'needs', 'L' || hold.strength, 'hold', row_to_json(hold));
    end if;
  end if;

  next_status := case verdict when 'approve' then 'approved' when 'modify' then 'modified' when 'reject' then 'rejected'
    when 'skip' then 'skipped' when 'answer' then 'answered' end;
  outcome := json_build_object('verdict', verdict,
    'arguments', case verdict when 'approve' then hold.action -> 'arguments' when 'modify' then asked."arguments" end,
    'actionHash', case verdict when 'approve' then hold.action_hash when 'modify' then asked."outcomeActionHash" end,
    'answer', case verdict when 'answer' then asked."answer" end,
    'comment', asked."comment",
    'selfDecided', self_decided,
    'by', case when asked."claimedBy" is null
      then json_build_object('id', who.member_id, 'name', who.member_name, 'via', asked."via",
        'verifiedBy', case who.kind when 'session' then 'session' else 'operator_key' end)
      else json_build_object('id', who.member_id, 'name', who.member_name, 'via', asked."via",
        'verifiedBy', case who.kind when 'session' then 'session' else 'operator_key' end, 'claimed', asked."claimedBy") end);

  hold.status := next_status;
  hold.version := hold.version + 1;
  hold.decided_at := at;
  hold.outcome := outcome;
  hold.fulfilment := case when next_status in ('approved', 'modified') and hold.kind = 'approval' then 'waiting' else 'none' end;

  -- One statement, since starting one costs more than what each of these writes.
  with written as (
    insert into holdpoint.decisions (org_id, id, hold_id, hold_version, verdict, by_id, by_name, via, verified_by, strength, is_self_decided,
      action_hash, arguments, answer, comment, original_text, created_at, idempotency_key, body_hash, claimed_by)
    values (hold.org_id, asked."decisionId", hold.id, hold.version - 1, verdict, who.member_id, who.member_name, asked."via",
      outcome #>> '{by,verifiedBy}',
      case when who.signed_in_at > at - interval '5 minutes' then 2 else 1 end, self_decided, outcome ->> 'actionHash', outcome -> 'arguments', outcome -> 'answer',
      asked."comment", asked."originalText", at, asked."idempotencyKey", asked."bodyHash", asked."claimedBy")
    on conflict (org_id, idempotency_key) where idempotency_key is not null do nothing
    returning id)
  insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, decision, rationale,
    action_name, action_hash, hold_id, run_id, tool_call_id, session_id, agent_id, end_user_id, data)
  select hold.org_id, asked."eventId", 'hold.decided', at, 'member', who.member_id, who.member_name, next_status, asked."comment",
    hold.action ->> 'name', hold.action_hash, hold.id, hold.run_id, hold.tool_call_id, hold.session_id, hold.agent_id,
    hold.end_user_id, json_build_object('holdId', hold.id, 'kind', hold.kind, 'title', hold.title, 'status', next_status,
      'decisionId', written.id, 'action', hold.action, 'actionHash', hold.action_hash, 'outcome', outcome,
      'toolCallId', hold.tool_call_id)
  from written;
  -- The same key on another hold, at the same moment.
  if not found then return json_build_object('code', 'idempotency_mismatch', 'hold', row_to_json(hold)); end if;
  ignored := holdpoint.settle_hold_v1(hold);
  return json_build_object('code', 'ok', 'now', at, 'hold', row_to_json(hold));
end $$;
revoke all on function holdpoint.decide_v1(json) from public;
grant execute on function holdpoint.decide_v1(json) to hp_app;
