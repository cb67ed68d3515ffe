-- A run that lives elsewhere says that it is over: what of it is open is withdrawn, and what was approved and never claimed will
-- not be executed.
--
-- command: {credentialHash, runId, status: "completed" | "failed", output, error, key: with the hash of the body, eventIds: [resumed, ended], holdEventIds,
--   messageId}
-- Answers {code: "ok" | "repeated", run, holdIds} or {code: "unauthorized" | "not_allowed" | "not_found" | "not_external" |
-- "run_ended" | "idempotency_mismatch" | "again", room} (holds came meanwhile: nothing was done). Locks: as control_run_v1, which cancels.
create or replace function holdpoint.end_external_run_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(command ->> 'credentialHash');
  run holdpoint.runs;
  refused json;
  seen text[];
  cause json;
  at timestamptz;
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  select * into run from holdpoint.runs r where r.org_id = who.org_id and r.id = command ->> 'runId';
  refused := holdpoint.external_run_right_v1(who, run);
  if refused is not null then return refused; end if;
  seen := array(select h.id from holdpoint.holds h where h.org_id = run.org_id and h.run_id = run.id and h.status = 'pending'
    order by h.id for update);
  perform holdpoint.lock_shared_runs_v1(run.org_id, run.id);
  select * into run from holdpoint.runs r where r.org_id = who.org_id and r.id = command ->> 'runId' for update;
  at := holdpoint.hp_now();
  if run.ended_at is not null then
    if holdpoint.same_request_v1(run.control_key, command ->> 'key') = false then
      return json_build_object('code', 'idempotency_mismatch');
    end if;
    return json_build_object('code', case when run.status = command ->> 'status' and run.control_key = command ->> 'key'
      then 'repeated' else 'run_ended' end, 'run', row_to_json(run));
  end if;
  if exists (select from holdpoint.holds h where h.org_id = run.org_id and h.run_id = run.id and h.status = 'pending' and not (h.id = any (seen)))
    or cardinality(seen) > json_array_length(command -> 'holdEventIds') then
    return json_build_object('code', 'again', 'room', cardinality(seen));
  end if;
  perform holdpoint.close_holds_v1(run.org_id, run.id, 'The run has ended.',
    array(select json_array_elements_text(command -> 'holdEventIds')));
  cause := json_build_object('code', 'run_ended', 'message', 'The run ended before it was executed.');
  update holdpoint.holds h set fulfilment = 'failed', version = h.version + 1, execution = json_build_object('error', cause)
    where h.org_id = run.org_id and h.run_id = run.id and h.fulfilment in ('waiting', 'delivered');
  update holdpoint.holds h set run_lost_at = null where h.org_id = run.org_id and h.run_id = run.id and h.run_lost_at is not null;
  if run.status <> 'running' then
    run.status := 'running';
    perform holdpoint.append_run_event_v1(run, json_build_object('id', command -> 'eventIds' ->> 0, 'type', 'run.resumed'), at);
  end if;
  run.version := run.version + 1;
  run.status := command ->> 'status';
  run.output := case when command ->> 'output' is not null then command -> 'output' end;
  run.error := case when json_typeof(command -> 'error') = 'object' then command -> 'error' end;
  run.end_reason := case run.status when 'completed' then 'end_turn' else coalesce(run.error ->> 'code', 'failed') end;
  run.ended_at := at;
  run.control_key := command ->> 'key';
  update holdpoint.runs r set status = run.status, version = run.version, output = run.output, error = run.error,
      end_reason = run.end_reason, ended_at = at, advance_at = null, lost_after = null, lost_at = null, heartbeat_at = at,
      pause_requested = false, pause_asked = null, pause_scope = null, control_key = run.control_key
    where r.org_id = run.org_id and r.id = run.id
    returning * into run;
  if run.session_id is not null then perform holdpoint.let_next_runs_v1(run, at); end if;
  -- Later runs of the session see what it answered.
  if run.output is not null then
    insert into holdpoint.messages (org_id, id, run_id, position, role, message, created_at)
      select run.org_id, command ->> 'messageId', run.id, coalesce(max(m.position), -1) + 1, 'assistant',
          json_build_object('role', 'assistant', 'content', command ->> 'output'), at
        from holdpoint.messages m where m.org_id = run.org_id and m.run_id = run.id;
  end if;
  perform holdpoint.append_run_event_v1(run, json_build_object('id', command -> 'eventIds' ->> 1, 'type', 'run.' || run.status,
    'data', json_build_object('output', run.output, 'error', run.error, 'endReason', run.end_reason)), at);
  return json_build_object('code', 'ok', 'run', row_to_json(run), 'holdIds', seen);
end $$;
revoke all on function holdpoint.end_external_run_v1(json) from public;
grant execute on function holdpoint.end_external_run_v1(json) to hp_app;
