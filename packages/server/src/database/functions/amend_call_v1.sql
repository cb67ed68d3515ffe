-- Other arguments for a call that waits for a decision (I8): its hold is withdrawn as superseded, and one for what it is now takes
-- its place in the same transaction; each says the other's id. Whoever amended it is who asks now (I9). The call keeps what the
-- model proposed: what would be executed is the hold's, as after a modification.
-- command: {credentialHash, runId, callId, holdId: the hold that is superseded, reason, policyRevision, cancelledEventId, createdEventId,
--   eventId, idempotencyKey, bodyHash, next: {row: hold columns, timeoutSeconds, respondSeconds, shadow}}
-- Answers {code: "ok", call, hold: the new one, run} or {code: "unauthorized" | "not_found" | "not_allowed" | "no_call" | "not_gated" | "expired" |
-- "policy_outdated", call}. Locks: the hold, then its run, as deciding does.
create or replace function holdpoint.amend_call_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(command ->> 'credentialHash');
  run holdpoint.runs;
  call holdpoint.tool_calls;
  old holdpoint.holds;
  next holdpoint.holds;
  refused json;
  at timestamptz;
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  select * into run from holdpoint.runs r where r.org_id = who.org_id and r.id = command ->> 'runId';
  refused := holdpoint.steer_right_v1(who, run, true);
  if refused is not null then return refused; end if;
  select * into old from holdpoint.holds h where h.org_id = run.org_id and h.id = command ->> 'holdId' for update;
  select * into run from holdpoint.runs r where r.org_id = who.org_id and r.id = command ->> 'runId' for update;
  select * into call from holdpoint.tool_calls c where c.org_id = run.org_id and c.id = command ->> 'callId' and c.run_id = run.id;
  if call.id is null then return json_build_object('code', 'no_call'); end if;
  at := holdpoint.hp_now();
  -- Repeated, here or by whoever asked, after a lost connection.
  if call.steered ->> 'eventId' = command ->> 'eventId' or call.steered ->> 'key' = command ->> 'idempotencyKey' then
    select * into next from holdpoint.holds h where h.org_id = run.org_id and h.id = call.hold_id;
    return json_build_object('code', case when call.steered ->> 'bodyHash' is not distinct from command ->> 'bodyHash'
        and call.steered #>> '{by,id}' = who.member_id then 'ok' else 'idempotency_mismatch' end,
      'now', at, 'run', row_to_json(run), 'call', row_to_json(call), 'hold', row_to_json(next));
  end if;
  if call.status <> 'gated' or call.hold_id is distinct from old.id or old.status <> 'pending' then
    return json_build_object('code', 'not_gated', 'call', row_to_json(call));
  end if;
  if old.expires_at <= at then return json_build_object('code', 'expired', 'call', row_to_json(call)); end if;
  if coalesce((command ->> 'policyRevision')::bigint, 0) <> coalesce((select p.revision from holdpoint.policies p where p.org_id = run.org_id), 0) then
    return json_build_object('code', 'policy_outdated');
  end if;

  next := json_populate_record(null::holdpoint.holds, command #> '{next,row}');
  next.org_id := run.org_id;
  next.status := 'pending';
  next.version := 1;
  next.fulfilment := 'none';
  next.requester := who.member_id;
  next.requester_kind := case who.kind when 'operator' then 'operator_key' else 'member' end;
  next.requester_member_id := who.member_id;
  next.starter_member_id := run.starter_member_id;
  next.agent_id := run.agent_id;
  next.run_id := run.id;
  next.path := run.path;
  next.tool_call_id := call.id;
  next.path := run.path;
  next.session_id := run.session_id;
  next.end_user_id := run.end_user_id;
  next.created_at := at;
  next.expires_at := at + make_interval(secs => (command #>> '{next,timeoutSeconds}')::double precision);
  next.respond_by := least(next.expires_at, at + make_interval(secs => (command #>> '{next,respondSeconds}')::double precision));
  insert into holdpoint.holds select (next).*;
  update holdpoint.tool_calls c set hold_id = next.id, action_hash = next.action_hash, tool_hash = next.tool_hash,
      steered = json_build_object('action', 'amended', 'by', json_build_object('kind', 'member', 'id', who.member_id, 'name', who.member_name),
        'at', at, 'reason', command ->> 'reason', 'eventId', command ->> 'eventId', 'key', command ->> 'idempotencyKey',
        'bodyHash', command ->> 'bodyHash')
    where c.org_id = run.org_id and c.id = call.id
    returning * into call;
  update holdpoint.holds h set status = 'cancelled', version = h.version + 1, decided_at = at,
      outcome = json_build_object('verdict', null, 'comment', 'superseded: ' || (command ->> 'reason'),
        'by', json_build_object('id', who.member_id, 'name', who.member_name, 'via', 'run', 'verifiedBy', who.kind)),
      metadata = (coalesce(h.metadata::jsonb, '{}') || jsonb_build_object('replacedBy', next.id))::json
    where h.org_id = run.org_id and h.id = old.id
    returning * into old;
  perform holdpoint.append_hold_event_v1(old, command ->> 'cancelledEventId', 'hold.cancelled', at, 'member', who.member_id, who.member_name,
    'cancelled', command ->> 'reason', json_build_object('holdId', old.id, 'title', old.title, 'action', old.action,
      'reason', 'superseded', 'toolCallId', call.id, 'replacedBy', next.id));
  perform holdpoint.append_hold_event_v1(next, command ->> 'createdEventId', 'hold.created', at, 'member', who.member_id, who.member_name,
    null, null, holdpoint.presented_v2(next, command #> '{next,shadow}'));
  perform holdpoint.append_run_event_v1(run, json_build_object('id', command ->> 'eventId', 'type', 'action.amended',
    'toolCallId', call.id, 'holdId', next.id, 'actionName', call.name, 'actionHash', call.action_hash,
    'actorKind', 'member', 'actorId', who.member_id, 'actorName', who.member_name,
    'data', json_build_object('toolCallId', call.id, 'holdId', next.id, 'supersedes', old.id, 'reason', command ->> 'reason',
      'from', old.action, 'to', next.action)), at);
  update holdpoint.runs r set version = r.version + 1 where r.org_id = run.org_id and r.id = run.id;
  return json_build_object('code', 'ok', 'now', at, 'run', row_to_json(run), 'call', row_to_json(call), 'hold', row_to_json(next));
end $$;
revoke all on function holdpoint.amend_call_v1(json) from public;
grant execute on function holdpoint.amend_call_v1(json) to hp_app;
