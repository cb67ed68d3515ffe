-- One commit of a run's journal: everything in it becomes true together, or nothing does (I5, I11). Fenced by the
-- lease's epoch under the run's row lock; a run that has ended is never written again.
--
-- command: {orgId, runId, epoch, commitId,
--   run?: {from, status, output, error, endReason, step, modelAttempts, usage, model, confidence, resultHoldId},
--   step?: {id, position, model, status, text, finishReason, usage, error},
--   messages?: [{id, role, message}], calls?: [tool call columns],
--   callChanges?: [{id, from, attempt, status, result, error, holdId, actionHash, toolHash}],
--   holds?: [{row: hold columns, timeoutSeconds, respondSeconds, eventId, shadow}],
--   policyRevision?: of the policy that held or proposed what is in it,
--   asks?: [{id, callId, key, occurrence, questionHash, holdId, attempt}]: questions of calls that become suspended,
--   shares?: [see share_hold_v1, with eventId]: which open holds such questions join or supersede, by provider in order,
--   child?: [see call_agent_v1]: the run that such a call becomes,
--   kept?: [{callId, attempt, name, value}]: what a call that starts again must not do twice,
--   holdChanges?: [{id, from, fulfilment, execution}], events?: [see append_run_event_v1],
--   heard?: [ids of run_notes that the model is told with it], despiteNotes?: end it although there are words that it has not heard,
--   reused?: [{id, callId}]: what was executed in the run that this one goes on from, and which of the calls takes it over,
--   release?: give the lease back (with pauseEventId: of a pause that takes effect then), advanceSeconds?: and be due again that much later}
-- Answers {code: "ok" | "repeated", now; of a run that another called parentRunId and isParentWoken} or {code: "lost" | "conflict" | "policy_outdated" | "share_changed" | "notes_unheard"}; conflict: a call or hold is not in the
-- state that the command takes it to be in, so the worker has to load again.
--
-- Locks: the run first, then only calls and holds that are decided. A pending hold is never locked here, since deciding
-- locks the hold first and the run after it.
create or replace function holdpoint.commit_run_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  -- Read once: each look into the text of a command reads all of it.
  asked constant holdpoint.commit_run_command := json_populate_record(null::holdpoint.commit_run_command, command);
  ignored text;
  run holdpoint.runs;
  at timestamptz;
  change json;
  step constant json := asked.step;
  patch constant json := coalesce(asked.run, '{}'::json);
  messages constant json := asked.messages;
  calls constant json := asked.calls;
  call_changes constant json := asked."callChanges";
  holds constant json := asked.holds;
  hold_changes constant json := asked."holdChanges";
  hold holdpoint.holds;
  last_position integer;
  paused_by json;
  amended_by text;
  refused json;
  status_before text;
begin
  ignored := pg_catalog.set_config('hp.org_id', asked."orgId", true);
  select * into run from holdpoint.runs r where r.org_id = asked."orgId" and r.id = asked."runId" for update;
  at := holdpoint.hp_now();
  if run.last_commit = asked."commitId" then
    return json_build_object('code', 'repeated', 'now', at);
  end if;
  if run.id is null or run.lease_epoch <> asked.epoch or run.status in ('completed', 'failed', 'cancelled') then
    return json_build_object('code', 'lost');
  end if;
  -- Most commits have few of these parts, and a statement costs more to start than to find nothing: each is asked for first.
  if patch ->> 'from' <> run.status then return json_build_object('code', 'conflict'); end if;
  if patch ->> 'status' = 'completed' and run.notes_unheard > 0 and asked."despiteNotes" is null then
    return json_build_object('code', 'notes_unheard');
  end if;
  if json_array_length(call_changes) > 0 then
    if exists (select from json_array_elements(call_changes) c where not exists (
        select from holdpoint.tool_calls t where t.org_id = run.org_id and t.id = c ->> 'id' and t.run_id = run.id and t.status = c ->> 'from'
          and t.attempt = coalesce((c ->> 'attempt')::integer, t.attempt))) then
      return json_build_object('code', 'conflict');
    end if;
  end if;
  if json_array_length(hold_changes) > 0 then
    if exists (select from json_array_elements(hold_changes) c where not exists (
        select from holdpoint.holds h where h.org_id = run.org_id and h.id = c ->> 'id' and h.run_id = run.id and h.fulfilment = c ->> 'from')) then
      return json_build_object('code', 'conflict');
    end if;
  end if;
  if json_array_length(holds) > 0 or json_array_length(calls) > 0 then
    if (exists (select from json_array_elements(holds) h where h #>> '{row,kind}' = 'approval')
        or exists (select from json_array_elements(calls) c where c ->> 'status' = 'proposed'))
      and coalesce(asked."policyRevision", 0) <> coalesce((select p.revision from holdpoint.policies p where p.org_id = run.org_id), 0) then
      return json_build_object('code', 'policy_outdated');
    end if;
  end if;
  if asked.shares is not null then
    for change in select * from json_array_elements(asked.shares) loop
      refused := holdpoint.share_hold_v1(run, change);
      if refused is not null then return refused; end if;
    end loop;
  end if;

  status_before := run.status;
  run.status := coalesce(patch ->> 'status', run.status);
  run.version := run.version + 1;
  run.output := coalesce(patch -> 'output', run.output);
  run.error := coalesce(patch -> 'error', run.error);
  run.end_reason := coalesce(patch ->> 'endReason', run.end_reason);
  run.step := coalesce((patch ->> 'step')::integer, run.step);
  run.model_attempts := coalesce((patch ->> 'modelAttempts')::integer, run.model_attempts);
  run.usage := coalesce(patch -> 'usage', run.usage);
  run.model := coalesce(patch ->> 'model', run.model);
  run.confidence := coalesce((patch ->> 'confidence')::double precision, run.confidence);
  run.started_at := coalesce(run.started_at, case run.status when 'running' then at end);
  run.last_commit := asked."commitId";
  run.notes_unheard := run.notes_unheard - coalesce(json_array_length(asked.heard), 0);
  if run.status in ('completed', 'failed') then
    run.ended_at := at;
    run.advance_at := null;
  end if;
  -- A pause that was asked for takes effect when the worker lets go: nothing is in flight any more.
  paused_by := run.pause_asked;
  if run.pause_requested and asked.release and run.status in ('running', 'holding') then
    run.status := 'paused';
  end if;
  if run.status = 'paused' or run.ended_at is not null then
    run.pause_requested := false;
    run.pause_asked := null;
  end if;
  if asked.release or run.ended_at is not null then
    run.lease_owner := null;
    run.lease_until := null;
  end if;
  -- What became due while the lease was held stays due; least() passes over null.
  if run.ended_at is null and asked."advanceSeconds" is not null then
    run.advance_at := least(run.advance_at, at + make_interval(secs => asked."advanceSeconds"));
  end if;
  update holdpoint.runs r set status = run.status, version = run.version, output = run.output, error = run.error,
      end_reason = run.end_reason, step = run.step, model_attempts = run.model_attempts, usage = run.usage, model = run.model,
      started_at = run.started_at, ended_at = run.ended_at, advance_at = run.advance_at, last_commit = run.last_commit,
      lease_owner = run.lease_owner, lease_until = run.lease_until, confidence = run.confidence, notes_unheard = run.notes_unheard,
      pause_requested = run.pause_requested, pause_asked = run.pause_asked
    where r.org_id = run.org_id and r.id = run.id;
  if run.ended_at is not null and run.session_id is not null then perform holdpoint.let_next_runs_v1(run, at); end if;

  if step is not null then
    insert into holdpoint.steps as s (org_id, id, run_id, position, status, model, text, finish_reason, usage, error, started_at, ended_at)
      values (run.org_id, step ->> 'id', run.id, (step ->> 'position')::integer, step ->> 'status', step ->> 'model',
        coalesce(step ->> 'text', ''), step ->> 'finishReason', step -> 'usage', step -> 'error', at,
        case when step ->> 'status' <> 'running' then at end)
      on conflict (org_id, run_id, position) do update set status = excluded.status, model = excluded.model, text = excluded.text,
        finish_reason = excluded.finish_reason, usage = excluded.usage, error = excluded.error, ended_at = excluded.ended_at,
        started_at = case excluded.status when 'running' then excluded.started_at else s.started_at end;
  end if;

  -- The estimate of the answer of the current step, and the hold that asks a person about it.
  if patch ->> 'confidence' is not null then
    update holdpoint.steps s set confidence = run.confidence, hold_id = patch ->> 'resultHoldId'
      where s.org_id = run.org_id and s.run_id = run.id and s.position = run.step;
  end if;

  if json_array_length(messages) > 0 then
    select coalesce(max(m.position), -1) into last_position from holdpoint.messages m where m.org_id = run.org_id and m.run_id = run.id;
    insert into holdpoint.messages (org_id, id, run_id, position, role, message, created_at, step)
      select run.org_id, m ->> 'id', run.id, last_position + n, m ->> 'role', m -> 'message', at, run.step
      from json_array_elements(messages) with ordinality as given (m, n);
  end if;
  if json_array_length(asked.heard) > 0 then
    update holdpoint.run_notes n set heard_step = run.step
      where n.org_id = run.org_id and n.id in (select json_array_elements_text(asked.heard));
  end if;
  if json_array_length(asked.reused) > 0 then
    update holdpoint.fork_actions f set reused_by = u ->> 'callId' from json_array_elements(asked.reused) u
      where f.org_id = run.org_id and f.run_id = run.id and f.tool_call_id = u ->> 'id';
    -- What the other had kept, so as not to do it twice.
    insert into holdpoint.once_results (org_id, tool_call_id, name, value, attempt, created_at)
      select o.org_id, u ->> 'callId', o.name, o.value, 0, at from json_array_elements(asked.reused) u
        join holdpoint.once_results o on o.org_id = run.org_id and o.tool_call_id = u ->> 'id'
      on conflict do nothing;
  end if;
  if json_array_length(calls) > 0 then
    insert into holdpoint.tool_calls (org_id, id, run_id, step, position, provider_call_id, name, arguments, status, hold_id,
        action_hash, tool_hash, result, error, reused_from, created_at, ended_at)
      select run.org_id, c ->> 'id', run.id, run.step, (c ->> 'position')::integer, c ->> 'providerCallId', c ->> 'name',
        c -> 'arguments', c ->> 'status', c ->> 'holdId', c ->> 'actionHash', c ->> 'toolHash', c -> 'result', c -> 'error', c -> 'reusedFrom', at,
        case when c ->> 'status' in ('failed', 'succeeded') then at end
      from json_array_elements(calls) c;
  end if;
  if json_array_length(call_changes) > 0 then
    update holdpoint.tool_calls t set status = c ->> 'status', result = coalesce(c -> 'result', t.result),
        error = coalesce(c -> 'error', t.error), hold_id = coalesce(c ->> 'holdId', t.hold_id),
        action_hash = coalesce(c ->> 'actionHash', t.action_hash), tool_hash = coalesce(c ->> 'toolHash', t.tool_hash),
        ended_at = case when c ->> 'status' not in ('gated', 'unknown', 'suspended') then coalesce(t.ended_at, at) end
      from json_array_elements(call_changes) c where t.org_id = run.org_id and t.id = c ->> 'id';
  end if;
  if json_array_length(hold_changes) > 0 then
    update holdpoint.holds h set fulfilment = c ->> 'fulfilment', execution = coalesce(c -> 'execution', h.execution), version = h.version + 1
      from json_array_elements(hold_changes) c where h.org_id = run.org_id and h.id = c ->> 'id';
  end if;

  for change in select * from json_array_elements(coalesce(holds, '[]'::json)) loop
    hold := json_populate_record(null::holdpoint.holds, change -> 'row');
    hold.org_id := run.org_id;
    hold.status := 'pending';
    hold.version := 1;
    hold.fulfilment := 'none';
    -- I9: the agent asks, not whoever started the run.
    hold.requester := run.agent_id;
    hold.requester_kind := 'agent';
    -- Or whoever changed what the agent proposed, asked about once more.
    if json_array_length(call_changes) > 0 then
      select c.steered #>> '{by,id}' into amended_by from holdpoint.tool_calls c
        where c.org_id = run.org_id and c.id = hold.tool_call_id and c.steered ->> 'action' = 'amended';
      if found and hold.kind = 'approval' then
        hold.requester := amended_by;
        hold.requester_kind := 'member';
        hold.requester_member_id := amended_by;
      end if;
    end if;
    hold.starter_member_id := run.starter_member_id;
    hold.agent_id := run.agent_id;
    hold.run_id := run.id;
    hold.path := run.path;
    hold.session_id := run.session_id;
    hold.end_user_id := run.end_user_id;
    hold.created_at := at;
    hold.expires_at := at + make_interval(secs => (change ->> 'timeoutSeconds')::double precision);
    hold.respond_by := least(hold.expires_at, at + make_interval(secs => (change ->> 'respondSeconds')::double precision));
    insert into holdpoint.holds select (hold).*;
    perform holdpoint.append_hold_event_v1(hold, change ->> 'eventId', 'hold.created', at, 'agent', run.agent_id, null, null, null,
      holdpoint.presented_v2(hold, change -> 'shadow'));
    perform holdpoint.supersede_hold_v1(s ->> 'expected', hold, s ->> 'eventId', at)
      from json_array_elements(asked.shares) s where s ->> 'byHoldId' = hold.id and s ->> 'expected' is not null;
  end loop;

  if asked.asks is not null then
    insert into holdpoint.asks (org_id, id, run_id, tool_call_id, key, occurrence, question_hash, hold_id, attempt, created_at)
      select run.org_id, a ->> 'id', run.id, a ->> 'callId', a ->> 'key', (a ->> 'occurrence')::integer, a ->> 'questionHash',
        a ->> 'holdId', (a ->> 'attempt')::integer, at
      from json_array_elements(asked.asks) a;
  end if;
  if json_array_length(asked.kept) > 0 then
    insert into holdpoint.once_results (org_id, tool_call_id, name, value, attempt, created_at)
      select run.org_id, k ->> 'callId', k ->> 'name', k -> 'value', (k ->> 'attempt')::integer, at
      from json_array_elements(asked.kept) k
      on conflict do nothing;
  end if;

  if asked.child is not null then perform holdpoint.call_agent_v1(run, asked.child, at); end if;

  perform holdpoint.append_run_event_v1(run, e, at) from json_array_elements(asked.events) e;
  if run.status = 'paused' then
    perform holdpoint.append_run_event_v1(run, json_build_object('id', asked."pauseEventId", 'type', 'run.paused',
      'actorKind', paused_by ->> 'kind', 'actorId', paused_by ->> 'id', 'actorName', paused_by ->> 'name',
      'data', json_build_object('reason', paused_by ->> 'reason', 'scope', paused_by ->> 'scope', 'subject', nullif(paused_by ->> 'subject', ''))), at);
  end if;
  if run.parent_run_id is not null and run.status <> status_before then
    return json_build_object('code', 'ok', 'now', at, 'parentRunId', run.parent_run_id, 'isParentWoken', holdpoint.wake_parent_v1(run, at));
  end if;
  return json_build_object('code', 'ok', 'now', at);
end $$;
revoke all on function holdpoint.commit_run_v1(json) from public;
grant execute on function holdpoint.commit_run_v1(json) to hp_app;
