-- A person takes a call over, or it is withdrawn. Taken over: its result is given by hand. Either way it has ended, and whoever
-- would have started it finds that (I1, I2); the holds that it waits for are closed, unless another call waits for one too.
-- command: {credentialHash, runId, callId, action: "taken_over" | "withdrawn", status: "succeeded" | "failed" | "cancelled",
--   result, error, reason, eventId, idempotencyKey, bodyHash, holdEventIds: [one for each of its holds that may be open]}
-- Of a run that has ended, only a call whose outcome nobody knows may be given its result.
-- Answers {code: "ok", call, reasons, run, holdIds, childRunId: a run that it had called, for which nobody waits any more}, or {code: "unauthorized" | "not_found" | "not_allowed" | "no_call" | "run_ended" |
-- "executing" | "call_ended" | "unknown" (what may have happened cannot be withdrawn), call} | {code: "again", room}.
-- Locks: open holds first, then the order among runs where one of the holds is shared, then the run, as deciding does.
create or replace function holdpoint.steer_call_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(command ->> 'credentialHash');
  is_taken_over constant boolean := command ->> 'action' = 'taken_over';
  by_kind constant text := case when who.member_id is null then 'agent' else 'member' end;
  by_id constant text := coalesce(who.member_id, who.agent_id, who.principal_id);
  by_name constant text := coalesce(who.member_name, who.agent_id);
  event_ids constant text[] := array(select json_array_elements_text(command -> 'holdEventIds'));
  run holdpoint.runs;
  call holdpoint.tool_calls;
  hold holdpoint.holds;
  other record;
  refused json;
  seen text[];
  closed text[] := '{}';
  at timestamptz;
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  select * into run from holdpoint.runs r where r.org_id = who.org_id and r.id = command ->> 'runId';
  refused := holdpoint.steer_right_v1(who, run, is_taken_over);
  if refused is not null then return refused; end if;
  seen := array(select h.id from holdpoint.holds h where h.org_id = run.org_id and h.run_id = run.id
    and h.tool_call_id = command ->> 'callId' and h.status = 'pending' order by h.id for update);
  perform holdpoint.lock_shared_runs_v1(run.org_id, run.id);
  select * into run from holdpoint.runs r where r.org_id = who.org_id and r.id = command ->> 'runId' for update;
  select * into call from holdpoint.tool_calls c where c.org_id = run.org_id and c.id = command ->> 'callId' and c.run_id = run.id;
  if call.id is null then return json_build_object('code', 'no_call'); end if;
  -- Repeated, here or by whoever asked, after a lost connection.
  if call.steered ->> 'eventId' = command ->> 'eventId' or call.steered ->> 'key' = command ->> 'idempotencyKey' then
    return json_build_object('code', case when call.steered ->> 'bodyHash' is not distinct from command ->> 'bodyHash'
        and call.steered #>> '{by,id}' = by_id then 'ok' else 'idempotency_mismatch' end,
      'run', row_to_json(run), 'call', row_to_json(call), 'holdIds', array_to_json(closed));
  end if;
  if call.status = 'executing' then return json_build_object('code', 'executing', 'call', row_to_json(call)); end if;
  if call.status = 'unknown' and not is_taken_over then return json_build_object('code', 'unknown', 'call', row_to_json(call)); end if;
  if call.status not in ('proposed', 'gated', 'approved', 'suspended', 'unknown') then
    return json_build_object('code', 'call_ended', 'call', row_to_json(call));
  end if;
  if run.status in ('completed', 'failed', 'cancelled') and call.status <> 'unknown' then
    return json_build_object('code', 'run_ended', 'run', row_to_json(run));
  end if;
  if exists (select from holdpoint.holds h where h.org_id = run.org_id and h.run_id = run.id and h.tool_call_id = call.id
      and h.status = 'pending' and not (h.id = any (seen))) or cardinality(seen) > cardinality(event_ids) then
    return json_build_object('code', 'again', 'room', cardinality(seen));
  end if;

  at := holdpoint.hp_now();
  -- What was released and did not start will not; of what had begun, this is how it ended.
  update holdpoint.holds h set version = h.version + 1,
      fulfilment = case when h.fulfilment in ('executing', 'unknown') and command ->> 'status' = 'succeeded' then 'executed' else 'failed' end,
      execution = case
        when h.fulfilment in ('waiting', 'delivered') or not is_taken_over then json_build_object('error', json_build_object(
          'code', command ->> 'action', 'message', command ->> 'reason'))
        when command ->> 'status' = 'succeeded' then json_build_object('result', command -> 'result')
        else json_build_object('error', command -> 'error') end
    where h.org_id = run.org_id and h.id = call.hold_id and h.fulfilment in ('waiting', 'delivered', 'executing', 'unknown');
  -- Before its hold ends, so that settling that does not end the call in another way.
  update holdpoint.tool_calls c set status = command ->> 'status', result = command -> 'result', error = command -> 'error', ended_at = at,
      steered = json_build_object('action', command ->> 'action', 'by', json_build_object('kind', by_kind, 'id', by_id, 'name', by_name),
        'at', at, 'reason', command ->> 'reason', 'eventId', command ->> 'eventId', 'key', command ->> 'idempotencyKey',
        'bodyHash', command ->> 'bodyHash')
    where c.org_id = run.org_id and c.id = call.id
    returning * into call;
  for hold in select * from holdpoint.holds h where h.org_id = run.org_id and h.id = any (seen) order by h.id loop
    select a.run_id, a.tool_call_id, r.session_id into other from holdpoint.asks a
      join holdpoint.tool_calls c on c.org_id = a.org_id and c.id = a.tool_call_id and c.status = 'suspended'
      join holdpoint.runs r on r.org_id = a.org_id and r.id = a.run_id and r.status in ('holding', 'running', 'paused')
      where a.org_id = run.org_id and a.hold_id = hold.id and a.tool_call_id <> call.id order by a.id limit 1;
    if found then
      update holdpoint.holds h set run_id = other.run_id, tool_call_id = other.tool_call_id, session_id = other.session_id
        where h.org_id = run.org_id and h.id = hold.id;
      continue;
    end if;
    hold.status := 'cancelled';
    hold.version := hold.version + 1;
    hold.decided_at := at;
    hold.outcome := json_build_object('verdict', null, 'comment', command ->> 'reason',
      'by', json_build_object('id', by_id, 'name', coalesce(by_name, by_id), 'via', 'run', 'verifiedBy', who.kind));
    perform holdpoint.settle_hold_v1(hold);
    closed := closed || hold.id::text;
    perform holdpoint.append_hold_event_v1(hold, event_ids[cardinality(closed)], 'hold.cancelled', at, by_kind, by_id, by_name,
      'cancelled', command ->> 'reason', json_build_object('holdId', hold.id, 'title', hold.title, 'action', hold.action,
        'reason', command ->> 'reason', 'toolCallId', hold.tool_call_id));
  end loop;
  update holdpoint.runs r set version = r.version + 1,
      advance_at = case when r.status in ('holding', 'running', 'queued') then at else r.advance_at end
    where r.org_id = run.org_id and r.id = run.id;
  perform holdpoint.append_run_event_v1(run, json_build_object('id', command ->> 'eventId', 'type', 'action.' || (command ->> 'action'),
    'toolCallId', call.id, 'holdId', call.hold_id, 'actionName', call.name, 'actionHash', call.action_hash,
    'actorKind', by_kind, 'actorId', by_id, 'actorName', by_name,
    'data', json_build_object('toolCallId', call.id, 'holdId', call.hold_id, 'attempt', call.attempt, 'reason', command ->> 'reason',
      'status', command ->> 'status', 'result', command -> 'result', 'error', command -> 'error', 'holdIds', closed)), at);
  return json_build_object('code', 'ok', 'now', at, 'run', row_to_json(run), 'call', row_to_json(call), 'holdIds', array_to_json(closed),
    'childRunId', case when run.has_children then (select k.id from holdpoint.runs k
      where k.org_id = run.org_id and k.parent_run_id = run.id and k.parent_call_id = call.id) end,
    'reasons', (select k.reasons from holdpoint.claims k where k.org_id = run.org_id and k.tool_call_id = call.id and k.attempt = 1
      and call.hold_id is null));
end $$;
revoke all on function holdpoint.steer_call_v1(json) from public;
grant execute on function holdpoint.steer_call_v1(json) to hp_app;
