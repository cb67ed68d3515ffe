-- An end user answers or declines a question of theirs. As decide_v1, for those whom identify_v1 does not know: one round
-- trip, lock before any look at status or clock (I3, I5, I6, I7). Nothing that is gated is ever released here: only questions
-- and sign-ins are addressed to end users, and an answer widens nothing (I9, I13).
-- command: {credentialHash, holdId, verdict: "answer" | "reject", answer, comment, decisionId, eventId, timeoutEventId,
--   idempotencyKey, bodyHash}. The answer was checked by the door against the question, which never changes.
-- Answers {code: "ok" | "repeated", hold} or a refusal {code, hold}; `isOwn` says whether this person was the winner.
create or replace function holdpoint.answer_question_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.end_user_principal := holdpoint.identify_end_user_v1(command ->> 'credentialHash');
  verdict constant text := command ->> 'verdict';
  -- Each person's keys are their own: another's, or a member's, is neither met nor found out.
  request_key constant text := case when command ->> 'idempotencyKey' is not null then
    'end_user ' || encode(sha256(convert_to(who.end_user_id, 'UTF8')), 'hex') || ' ' || (command ->> 'idempotencyKey') end;
  hold holdpoint.holds;
  earlier holdpoint.decisions;
  at timestamptz;
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  select * into hold from holdpoint.holds h where h.org_id = who.org_id and h.id = command ->> 'holdId'
    and h.end_user_id = who.end_user_id and h.kind in ('clarification', 'authorization') for update;
  if hold.id is null then return json_build_object('code', 'not_found'); end if;
  at := holdpoint.hp_now();
  if request_key is not null then
    select * into earlier from holdpoint.decisions d where d.org_id = who.org_id and d.idempotency_key = request_key;
    if earlier.id is not null then
      return json_build_object('code', case when earlier.body_hash = command ->> 'bodyHash' and earlier.hold_id = hold.id
        then 'repeated' else 'idempotency_mismatch' end, 'now', at, 'hold', row_to_json(hold));
    end if;
  end if;
  -- A call repeated after a lost connection brings the same decision id: it was this one that won.
  if hold.status <> 'pending' and exists (select from holdpoint.decisions d
      where d.org_id = hold.org_id and d.id = command ->> 'decisionId' and d.hold_id = hold.id) then
    return json_build_object('code', 'repeated', 'now', at, 'hold', row_to_json(hold));
  end if;
  -- I6: what the deadline does comes first, whether or not the sweeper has been here.
  if hold.status = 'pending' and hold.expires_at <= at then
    hold := holdpoint.time_out_hold_v1(hold, command ->> 'timeoutEventId', at);
  end if;
  if hold.status = 'expired' or (hold.status = 'pending' and hold.expires_at <= at) then
    return json_build_object('code', 'expired', 'hold', row_to_json(hold));
  end if;
  if hold.status <> 'pending' then
    return json_build_object('code', 'already_decided', 'hold', row_to_json(hold), 'isOwn', coalesce(
      hold.outcome #>> '{by,id}' = who.end_user_id and hold.outcome #>> '{by,verifiedBy}' like 'end\_user\_%', false));
  end if;
  -- A sign-in is given at the provider and by nothing that is said here.
  if verdict not in ('answer', 'reject') or not (verdict = any (hold.verdicts))
      or (verdict = 'answer' and hold.kind = 'authorization') then
    return json_build_object('code', 'verdict_not_allowed', 'hold', row_to_json(hold));
  end if;
  -- What asks for more than an app's session or a typed code is not an end user's to say.
  if hold.strength > 1 then return json_build_object('code', 'not_strong_enough', 'hold', row_to_json(hold)); end if;

  hold.status := case verdict when 'answer' then 'answered' else 'rejected' end;
  hold.version := hold.version + 1;
  hold.decided_at := at;
  hold.fulfilment := 'none';
  hold.outcome := json_build_object('verdict', verdict, 'arguments', null, 'actionHash', null,
    'answer', case verdict when 'answer' then command -> 'answer' end, 'comment', command ->> 'comment', 'selfDecided', false,
    'by', json_build_object('id', who.end_user_id, 'name', coalesce(who.name, who.end_user_id), 'via', who.via,
      'verifiedBy', who.verified_by));
  insert into holdpoint.decisions (org_id, id, hold_id, hold_version, verdict, by_id, by_name, via, verified_by, strength,
      is_self_decided, answer, comment, created_at, idempotency_key, body_hash)
    values (hold.org_id, command ->> 'decisionId', hold.id, hold.version - 1, verdict, who.end_user_id,
      coalesce(who.name, who.end_user_id), who.via, who.verified_by, 0, false, hold.outcome -> 'answer', command ->> 'comment',
      at, request_key, command ->> 'bodyHash')
    on conflict (org_id, idempotency_key) where idempotency_key is not null do nothing;
  -- The same key on another question, at the same moment.
  if not found then return json_build_object('code', 'idempotency_mismatch', 'hold', row_to_json(hold)); end if;
  perform holdpoint.append_hold_event_v1(hold, command ->> 'eventId', 'hold.decided', at, 'end_user', who.end_user_id,
    coalesce(who.name, who.end_user_id), hold.status, command ->> 'comment',
    json_build_object('holdId', hold.id, 'kind', hold.kind, 'title', hold.title, 'status', hold.status,
      'decisionId', command ->> 'decisionId', 'action', null, 'actionHash', null, 'outcome', hold.outcome,
      'toolCallId', hold.tool_call_id, 'vouchedBy', who.vouched_by,
      'message', case hold.kind when 'authorization' then 'Authorization was declined; the agent is told.' end));
  perform holdpoint.settle_hold_v1(hold);
  return json_build_object('code', 'ok', 'now', at, 'hold', row_to_json(hold));
end $$;
revoke all on function holdpoint.answer_question_v1(json) from public;
grant execute on function holdpoint.answer_question_v1(json) to hp_app;
