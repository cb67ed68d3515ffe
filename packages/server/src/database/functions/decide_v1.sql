-- A person decides. One round trip: who are you, lock, then check, then write (I1, I3, I4, I5, I6, I8, I9).
--
-- command: {credentialHash, holdId, verdict, actionHash, arguments, outcomeActionHash, answer, comment, via,
--   decisionId, eventId, idempotencyKey, bodyHash}
-- Arguments of a modification and answers were validated by the door against the schema stored with the hold; both
-- are immutable, so nothing can change between that check and this lock.
-- Answers {code: "ok" | "repeated", hold} or a refusal {code, hold, ...}; the hold in a refusal says who won.
create or replace function holdpoint.decide_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  verdict constant text := command ->> 'verdict';
  who record;
  hold holdpoint.holds;
  earlier holdpoint.decisions;
  at timestamptz;
  next_status text;
  self_decided boolean;
  outcome json;
begin
  select * into who from holdpoint.identify_v1(command ->> 'credentialHash');
  if who is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);

  -- The lock comes before any look at status or clock: a check made before it would be of an old row.
  select * into hold from holdpoint.holds h where h.org_id = who.org_id and h.id = command ->> 'holdId' for update;
  if hold.id is null then return json_build_object('code', 'not_found'); end if;
  at := holdpoint.hp_now();

  if command ->> 'idempotencyKey' is not null then
    select * into earlier from holdpoint.decisions d
      where d.org_id = who.org_id and d.idempotency_key = command ->> 'idempotencyKey';
    if earlier.id is not null then
      return json_build_object('code',
        case when earlier.body_hash = command ->> 'bodyHash' and earlier.hold_id = hold.id and earlier.by_id = who.member_id
          then 'repeated' else 'idempotency_mismatch' end, 'now', at,
        'hold', row_to_json(hold));
    end if;
  end if;

  -- I9: a machine's credential never decides, whatever its scopes.
  if who.member_id is null then
    return json_build_object('code', 'not_allowed', 'needs', 'person', 'hold', row_to_json(hold));
  end if;
  if not holdpoint.may_decide_v1(who.role, coalesce(hold.route_role, 'reviewer')) then
    return json_build_object('code', 'not_allowed', 'needs', 'role ' || coalesce(hold.route_role, 'reviewer'), 'hold', row_to_json(hold));
  end if;
  -- What an operator key asked for, its member may decide; what a member asked for in a session, not.
  self_decided := hold.requester_member_id is not distinct from who.member_id;
  if (self_decided and (hold.separation = 'strict' or hold.requester_kind <> 'operator_key'))
    or (hold.separation = 'starter' and hold.starter_member_id = who.member_id) then
    return json_build_object('code', 'not_allowed', 'needs', 'another person', 'hold', row_to_json(hold));
  end if;

  -- A call repeated after a lost connection brings the same decision id: it was this one that won.
  if hold.status <> 'pending' and exists (select from holdpoint.decisions d
    where d.org_id = hold.org_id and d.id = command ->> 'decisionId' and d.hold_id = hold.id) then
    return json_build_object('code', 'repeated', 'now', at, 'hold', row_to_json(hold));
  end if;
  -- I6: not one moment after the deadline, whether or not the sweeper has been here: what the deadline does comes first.
  if hold.status = 'pending' and hold.expires_at <= at then
    hold := holdpoint.time_out_hold_v1(hold, command ->> 'timeoutEventId', at);
  end if;
  if hold.status = 'expired' then return json_build_object('code', 'expired', 'hold', row_to_json(hold)); end if;
  if hold.status <> 'pending' then return json_build_object('code', 'already_decided', 'hold', row_to_json(hold)); end if;
  if not (verdict = any (hold.verdicts)) then
    return json_build_object('code', 'verdict_not_allowed', 'hold', row_to_json(hold));
  end if;
  -- I8: bound to what was shown.
  if verdict in ('approve', 'modify') and hold.action_hash is not null and command ->> 'actionHash' is null then
    return json_build_object('code', 'action_hash_required', 'hold', row_to_json(hold));
  end if;
  if verdict in ('approve', 'modify') and hold.action_hash is distinct from command ->> 'actionHash' then
    return json_build_object('code', 'action_changed', 'hold', row_to_json(hold));
  end if;

  next_status := case verdict when 'approve' then 'approved' when 'modify' then 'modified' when 'reject' then 'rejected'
    when 'skip' then 'skipped' when 'answer' then 'answered' end;
  outcome := json_build_object('verdict', verdict,
    'arguments', case verdict when 'approve' then hold.action -> 'arguments' when 'modify' then command -> 'arguments' end,
    'actionHash', case verdict when 'approve' then hold.action_hash when 'modify' then command ->> 'outcomeActionHash' end,
    'answer', case verdict when 'answer' then command -> 'answer' end,
    'comment', command ->> 'comment',
    'selfDecided', self_decided,
    'by', json_build_object('id', who.member_id, 'name', who.member_name, 'via', command ->> 'via',
      'verifiedBy', case who.kind when 'session' then 'session' else 'operator_key' end));

  hold.status := next_status;
  hold.version := hold.version + 1;
  hold.decided_at := at;
  hold.outcome := outcome;
  hold.fulfilment := case when next_status in ('approved', 'modified') and hold.kind = 'approval' then 'waiting' else 'none' end;

  insert into holdpoint.decisions (org_id, id, hold_id, verdict, by_id, by_name, via, verified_by, strength, is_self_decided,
    action_hash, arguments, answer, comment, original_text, created_at, idempotency_key, body_hash)
  values (hold.org_id, command ->> 'decisionId', hold.id, verdict, who.member_id, who.member_name, command ->> 'via',
    outcome #>> '{by,verifiedBy}', 1, self_decided, outcome ->> 'actionHash', outcome -> 'arguments', outcome -> 'answer',
    command ->> 'comment', command ->> 'originalText', at, command ->> 'idempotencyKey', command ->> 'bodyHash')
  on conflict (org_id, idempotency_key) do nothing;
  -- The same key on another hold, at the same moment.
  if not found then return json_build_object('code', 'idempotency_mismatch', 'hold', row_to_json(hold)); end if;
  perform holdpoint.settle_hold_v1(hold);
  perform holdpoint.append_hold_event_v1(hold, command ->> 'eventId', 'hold.decided', at, 'member', who.member_id,
    who.member_name, next_status, command ->> 'comment',
    json_build_object('holdId', hold.id, 'kind', hold.kind, 'title', hold.title, 'status', next_status,
      'decisionId', command ->> 'decisionId', 'action', hold.action, 'actionHash', hold.action_hash, 'outcome', outcome,
      'toolCallId', hold.tool_call_id));
  return json_build_object('code', 'ok', 'now', at, 'hold', row_to_json(hold));
end $$;
revoke all on function holdpoint.decide_v1(json) from public;
grant execute on function holdpoint.decide_v1(json) to hp_app;
