-- The second half of a decision that needs more than a role, under the lock that lock_for_decision_v1 took: the vote, and
-- either the hold's end or one more version of it, with one event (I5).
-- command: {orgId, holdId, decisionId, eventId, verdict, byId, byName, via, verifiedBy, strength, isSelfDecided, actionHash,
--   arguments, answer, comment, originalText, idempotencyKey, bodyHash, claimedBy, status, outcome, releasedBy, tally: {yes, noes, required,
--   refusals}}; status "pending" for a vote that decides nothing.
create or replace function holdpoint.write_decision_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  hold holdpoint.holds;
  at timestamptz := holdpoint.hp_now();
  has_ended constant boolean := command ->> 'status' <> 'pending';
begin
  select * into hold from holdpoint.holds h where h.org_id = command ->> 'orgId' and h.id = command ->> 'holdId' for update;
  -- Nothing else writes under this lock: a caller that comes without it is refused.
  if hold.id is null or hold.status <> 'pending' or hold.version <> (command ->> 'version')::integer then
    raise exception 'hold % is not as it was locked', command ->> 'holdId' using errcode = 'serialization_failure';
  end if;
  -- The moment that the rules were applied at; between the two halves the deadline may have come, and does not count.
  at := (command ->> 'at')::timestamptz;
  insert into holdpoint.decisions (org_id, id, hold_id, hold_version, verdict, by_id, by_name, via, verified_by, strength,
      is_self_decided, action_hash, arguments, answer, comment, original_text, created_at, idempotency_key, body_hash,
      claimed_by)
    values (hold.org_id, command ->> 'decisionId', hold.id, hold.version, command ->> 'verdict', command ->> 'byId',
      command ->> 'byName', command ->> 'via', command ->> 'verifiedBy', (command ->> 'strength')::smallint,
      (command ->> 'isSelfDecided')::boolean, command ->> 'actionHash', command -> 'arguments',
      command -> 'answer', command ->> 'comment', command ->> 'originalText', at, command ->> 'idempotencyKey',
      command ->> 'bodyHash', command ->> 'claimedBy')
    on conflict (org_id, idempotency_key) where idempotency_key is not null do nothing;
  if not found then return json_build_object('code', 'idempotency_mismatch', 'hold', row_to_json(hold)); end if;
  hold.version := hold.version + 1;
  if has_ended then
    hold.status := command ->> 'status';
    hold.decided_at := at;
    hold.outcome := command -> 'outcome';
    hold.fulfilment := case when hold.status in ('approved', 'modified') and hold.kind = 'approval' then 'waiting' else 'none' end;
    hold.released_by := command -> 'releasedBy';
    update holdpoint.holds h set released_by = hold.released_by where h.org_id = hold.org_id and h.id = hold.id;
    perform holdpoint.settle_hold_v1(hold);
  else
    update holdpoint.holds h set version = hold.version where h.org_id = hold.org_id and h.id = hold.id;
  end if;
  perform holdpoint.append_hold_event_v1(hold, command ->> 'eventId', case when has_ended then 'hold.decided' else 'hold.voted' end,
    at, 'member', command ->> 'byId', command ->> 'byName', case when has_ended then hold.status else command ->> 'verdict' end,
    command ->> 'comment',
    json_build_object('holdId', hold.id, 'kind', hold.kind, 'title', hold.title, 'status', hold.status,
      'decisionId', command ->> 'decisionId', 'verdict', command ->> 'verdict', 'votedFor', command ->> 'actionHash',
      'tally', command -> 'tally', 'releasedBy', hold.released_by, 'action', hold.action, 'actionHash', hold.action_hash,
      'outcome', hold.outcome, 'toolCallId', hold.tool_call_id));
  return json_build_object('code', 'ok', 'now', at, 'hold', row_to_json(hold));
end $$;
revoke all on function holdpoint.write_decision_v1(json) from public;
grant execute on function holdpoint.write_decision_v1(json) to hp_app;
