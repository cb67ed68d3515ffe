-- An operator takes a run in hand: pause, resume, cancel, kill. One round trip, one transaction, one event a transition.
--
-- command: {credentialHash, runId, action: "pause" | "resume" | "cancel" | "kill", reason, key: of the request, with the hash of its body, eventId, holdEventIds: [one for each
-- hold that may be open], callEventIds: [one for each call that may be running]}
-- pause: takes effect at once where nothing is in flight, else at the run's next interrupt point (pause_requested).
-- cancel: beats a pause; closes open holds, fences whoever has the lease, and leaves a tool in flight to whoever runs it: that
-- one is signalled, and what it reports still counts (finish_call_v1). Where nobody can be running it any more it is unknown.
-- supersede: cancel, by create_run_v1 for a newer message (supersededBy), whoever has started what is cancelled.
-- kill: like cancel, and waits for nobody: what is in flight is unknown at once.
-- Of a run that another one called the service is who does to it what was done to that one (controller_v1). It is told of the
-- caller's end, and by whom, as the caller was.
-- Answers {code: "ok" | "unchanged", run, calls, children: ids of runs that it called and that are not over}, or {code: "unauthorized" | "not_found" | "not_allowed" | "run_ended" |
-- "not_paused" | "idempotency_mismatch" | "again", room (holds came meanwhile, or more events are to be told than ids were given: nothing was done; call again)}.
--
-- Locks: open holds first, then the order among runs where one of the holds is shared, then the run, as deciding does. Holds that a commit has made in between are not locked late,
-- which could wait in a circle: the caller comes again.
create or replace function holdpoint.control_run_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.controller_v1(command);
  action constant text := command ->> 'action';
  reason constant text := command ->> 'reason';
  ends constant boolean := action in ('cancel', 'kill', 'supersede');
  actor_kind constant text := case when who.kind = 'system' then 'system' when who.member_id is null then 'agent' else 'member' end;
  actor_id constant text := coalesce(who.member_id, who.agent_id, who.principal_id);
  actor_name constant text := coalesce(who.member_name, who.agent_id);
  run holdpoint.runs;
  seen text[];
  at timestamptz;
  has_worker boolean;
  cause json;
  lost record;
  running integer;
  n integer := 0;
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  -- Before the run is looked for: who may take none in hand learns of none whether it is there.
  if who.kind in ('agent', 'relay') and not ('runs:*' = any (who.scopes)) then
    return json_build_object('code', 'not_allowed', 'needs', case action when 'kill' then 'person' else 'scope runs:*' end);
  end if;
  select * into run from holdpoint.runs r where r.org_id = who.org_id and r.id = command ->> 'runId';
  if run.id is null or (who.agent_id is not null and run.agent_id <> who.agent_id) then
    return json_build_object('code', 'not_found');
  end if;
  if who.kind in ('agent', 'relay') and action = 'kill' then
    return json_build_object('code', 'not_allowed', 'needs', 'person');
  end if;
  -- Whoever started it may stop it; anybody else's takes an operator.
  if action <> 'supersede' and who.role is not null and who.role not in ('operator', 'admin') and (action = 'kill' or run.starter_member_id is distinct from who.member_id) then
    return json_build_object('code', 'not_allowed', 'needs', 'role operator');
  end if;

  if ends then
    seen := array(select h.id from holdpoint.holds h where h.org_id = who.org_id and h.run_id = command ->> 'runId' and h.status = 'pending'
      order by h.id for update);
    perform holdpoint.lock_shared_runs_v1(who.org_id, command ->> 'runId');
  end if;
  select * into run from holdpoint.runs r where r.org_id = who.org_id and r.id = command ->> 'runId' for update;
  at := holdpoint.hp_now();
  if holdpoint.same_request_v1(run.control_key, command ->> 'key') = false then
    return json_build_object('code', 'idempotency_mismatch');
  end if;
  if run.status = 'cancelled' and ends then
    return json_build_object('code', 'unchanged', 'now', at, 'run', row_to_json(run), 'calls', holdpoint.calls_of_run_v1(run),
      'children', holdpoint.open_children_v1(run));
  end if;
  if run.status in ('completed', 'failed', 'cancelled') then
    return json_build_object('code', 'run_ended', 'now', at, 'run', row_to_json(run));
  end if;
  has_worker := run.lease_until is not null and run.lease_until > clock_timestamp();

  -- Repeated by whoever lost our answer, and nobody has taken the run in hand since.
  if not ends and run.control_key = command ->> 'key' then
    return json_build_object('code', 'unchanged', 'now', at, 'run', row_to_json(run), 'children', holdpoint.open_children_v1(run));
  end if;

  -- An agent may stop itself; what a person has stopped, a person lets go on.
  if action = 'resume' and who.kind in ('agent', 'relay') and holdpoint.paused_by_v1(run) <> 'agent' then
    return json_build_object('code', 'not_allowed', 'needs', 'person');
  end if;
  run.control_key := command ->> 'key';

  if action = 'pause' then
    -- Where it is only the agent that has stopped itself, a person's word makes it the person's pause.
    if (run.status = 'paused' or run.pause_requested) and run.pause_scope is null
      and not (actor_kind = 'member' and holdpoint.paused_by_v1(run) = 'agent') then
      return json_build_object('code', 'unchanged', 'now', at, 'run', row_to_json(run), 'children', holdpoint.open_children_v1(run));
    end if;
    run.version := run.version + 1;
    if run.status = 'paused' then
      -- An order has paused it, or its agent; from now on it stays so when that is lifted.
      run.pause_scope := null;
      perform holdpoint.append_run_event_v1(run, json_build_object('id', command ->> 'eventId', 'type', 'run.paused',
        'actorKind', actor_kind, 'actorId', actor_id, 'actorName', actor_name, 'data', json_build_object('reason', reason)), at);
    -- A queued run has had no interrupt point yet, and where somebody works on it the step in flight is let to its end.
    elsif run.status = 'queued' or has_worker or run.heartbeat_seconds is not null then
      run.pause_scope := null;
      run.pause_requested := true;
      run.pause_asked := json_build_object('kind', actor_kind, 'id', actor_id, 'name', actor_name, 'reason', reason);
    else
      run.status := 'paused';
      -- What an order had asked for and a worker that died has not carried out is done with this.
      run.pause_requested := false;
      run.pause_asked := null;
      run.pause_scope := null;
      -- Whose lease has lapsed may be alive all the same, and begins nothing any more.
      run.lease_owner := null;
      run.lease_until := null;
      run.lease_epoch := run.lease_epoch + 1;
      perform holdpoint.append_run_event_v1(run, json_build_object('id', command ->> 'eventId', 'type', 'run.paused',
        'actorKind', actor_kind, 'actorId', actor_id, 'actorName', actor_name, 'data', json_build_object('reason', reason)), at);
    end if;
  elsif action = 'resume' then
    run.version := run.version + 1;
    -- By itself, though an order that pauses more than this run may stand.
    run.pause_scope := null;
    if run.status <> 'paused' and run.pause_requested then
      run.pause_requested := false;
      run.pause_asked := null;
    elsif run.status <> 'paused' then
      -- Whoever resumed it before may have died on the way down.
      if run.has_children and exists (select from holdpoint.runs c where c.org_id = run.org_id and c.ended_at is null
          and c.id = any (holdpoint.runs_below_v1(run.org_id, run.id)) and (c.status = 'paused' or c.pause_requested)) then
        return json_build_object('code', 'unchanged', 'now', at, 'run', row_to_json(run), 'children', holdpoint.open_children_v1(run));
      end if;
      return json_build_object('code', 'not_paused', 'now', at, 'run', row_to_json(run));
    else
      run.status := case when holdpoint.is_run_holding_v1(run) then 'holding' else 'running' end;
      run.advance_at := at;
      perform holdpoint.append_run_event_v1(run, json_build_object('id', command ->> 'eventId', 'type', 'run.resumed',
        'actorKind', actor_kind, 'actorId', actor_id, 'actorName', actor_name, 'data', json_build_object('reason', reason)), at);
    end if;
  else
    running := (select count(*) from holdpoint.tool_calls c where c.org_id = run.org_id and c.run_id = run.id and c.status = 'executing');
    if exists (select from holdpoint.holds h where h.org_id = run.org_id and h.run_id = run.id and h.status = 'pending' and not (h.id = any (seen)))
      or greatest(cardinality(seen), running) > least(json_array_length(command -> 'holdEventIds'), json_array_length(command -> 'callEventIds')) then
      return json_build_object('code', 'again', 'room', greatest(cardinality(seen), running));
    end if;
    perform holdpoint.close_holds_v1(run.org_id, run.id, coalesce(reason, 'The run was cancelled.'),
      array(select json_array_elements_text(command -> 'holdEventIds')));
    cause := case action when 'supersede'
      then json_build_object('code', 'superseded', 'message', reason, 'supersededBy', command ->> 'supersededBy')
      else json_build_object('code', 'AgentCancelled', 'message',
        format('Session %s was cancelled by operator', coalesce(run.session_id, run.id)), 'reason', reason) end;
    -- Nothing that was released and did not start, or waits for an answer, will be executed, and nobody shall wait for it.
    update holdpoint.holds h set fulfilment = 'failed', version = h.version + 1, execution = json_build_object('error', cause)
      where h.org_id = run.org_id and h.run_id = run.id and (h.fulfilment in ('waiting', 'delivered')
        or h.fulfilment = 'executing' and exists (select from holdpoint.tool_calls c
          where c.org_id = run.org_id and c.id = h.tool_call_id and c.hold_id = h.id and c.status = 'suspended'));
    update holdpoint.tool_calls c set status = 'cancelled', error = cause, ended_at = at
      where c.org_id = run.org_id and c.run_id = run.id and c.status in ('proposed', 'gated', 'approved', 'suspended');
    if action = 'kill' or not has_worker then
      for lost in select c.id, c.name, c.hold_id, c.attempt from holdpoint.tool_calls c
        where c.org_id = run.org_id and c.run_id = run.id and c.status = 'executing' order by c.id
      loop
        update holdpoint.tool_calls c set status = 'unknown' where c.org_id = run.org_id and c.id = lost.id;
        update holdpoint.holds h set fulfilment = 'unknown', version = h.version + 1 where h.org_id = run.org_id and h.id = lost.hold_id;
        perform holdpoint.append_run_event_v1(run, json_build_object('id', command -> 'callEventIds' ->> n, 'type', 'action.unknown',
          'toolCallId', lost.id, 'holdId', lost.hold_id, 'actionName', lost.name,
          'data', json_build_object('toolCallId', lost.id, 'holdId', lost.hold_id, 'attempt', lost.attempt)), at);
        n := n + 1;
      end loop;
    end if;
    update holdpoint.steps s set status = 'failed', error = cause, ended_at = at
      where s.org_id = run.org_id and s.run_id = run.id and s.status = 'running';
    run.version := run.version + 1;
    run.status := 'cancelled';
    run.error := cause;
    run.end_reason := case action when 'kill' then 'killed' when 'supersede' then 'superseded' else 'cancelled' end;
    run.ended_at := at;
    run.advance_at := null;
    -- Whoever carries a call out keeps the lease, to be missed should it die over it (lose_calls_v1); it commits nothing more.
    if action = 'kill' or not has_worker or running = 0 then
      run.lease_owner := null;
      run.lease_until := null;
    end if;
    run.lease_epoch := run.lease_epoch + 1;
    run.cancel_requested := true;
    run.pause_requested := false;
    run.pause_asked := null;
    run.pause_scope := null;
    run.lost_after := null;
    perform holdpoint.append_run_event_v1(run, json_build_object('id', command ->> 'eventId',
      'type', case action when 'kill' then 'run.killed' else 'run.cancelled' end,
      'actorKind', actor_kind, 'actorId', actor_id, 'actorName', actor_name,
      'data', json_build_object('reason', reason, 'error', cause, 'holdIds', seen, 'calls', holdpoint.calls_of_run_v1(run))), at);
  end if;
  update holdpoint.runs r set status = run.status, version = run.version, error = run.error, end_reason = run.end_reason,
      ended_at = run.ended_at, advance_at = run.advance_at, lease_owner = run.lease_owner, lease_until = run.lease_until,
      lease_epoch = run.lease_epoch, cancel_requested = run.cancel_requested, pause_requested = run.pause_requested,
      pause_asked = run.pause_asked, pause_scope = run.pause_scope, control_key = run.control_key, lost_after = run.lost_after
    where r.org_id = run.org_id and r.id = run.id;
  if run.ended_at is not null and run.session_id is not null then perform holdpoint.let_next_runs_v1(run, at); end if;
  return json_build_object('code', 'ok', 'now', at, 'run', row_to_json(run), 'holdIds', seen, 'calls', holdpoint.calls_of_run_v1(run),
    'children', holdpoint.open_children_v1(run), 'isParentWoken', case when run.parent_run_id is not null then holdpoint.wake_parent_v1(run, at) end);
end $$;
revoke all on function holdpoint.control_run_v1(json) from public;
grant execute on function holdpoint.control_run_v1(json) to hp_app;
