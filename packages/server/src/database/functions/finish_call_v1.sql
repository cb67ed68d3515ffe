-- Records how an execution ended: call, hold and event together. command: {orgId, runId, callId, attempt, status:
-- "succeeded" | "failed" | "unknown", result, error, counterparty, isOfCancelled, eventId}. isOfCancelled: counts only where the
-- run was cancelled. Unknown only where the run was cancelled over it: a
-- tool that broke off because it was told to; what it had done by then nobody knows.
-- Fenced by the attempt, not by the run's epoch: only one start of an attempt exists (start_call_v1), so what this
-- executor reports is true even when the run has gone to another worker or was cancelled meanwhile. The run's own row
-- is not written. {code: "lost"}: the call was taken for unknown already; a person is being asked.
create or replace function holdpoint.finish_call_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  ignored text;
  run holdpoint.runs;
  call holdpoint.tool_calls;
  at timestamptz;
  has_succeeded constant boolean := command ->> 'status' = 'succeeded';
begin
  ignored := pg_catalog.set_config('hp.org_id', command ->> 'orgId', true);
  select * into run from holdpoint.runs r where r.org_id = command ->> 'orgId' and r.id = command ->> 'runId' for update;
  select * into call from holdpoint.tool_calls c where c.org_id = run.org_id and c.id = command ->> 'callId' and c.run_id = run.id;
  if call.attempt = (command ->> 'attempt')::integer and call.status = command ->> 'status' then
    return json_build_object('code', 'repeated');
  end if;
  if call.id is null or call.attempt <> (command ->> 'attempt')::integer or call.status <> 'executing'
    or ((command ->> 'status' = 'unknown' or coalesce((command ->> 'isOfCancelled')::boolean, false)) and run.status <> 'cancelled') then
    return json_build_object('code', 'lost');
  end if;
  at := holdpoint.hp_now();
  update holdpoint.tool_calls c set status = command ->> 'status', result = command -> 'result', error = command -> 'error', ended_at = at
    where c.org_id = run.org_id and c.id = call.id;
  update holdpoint.holds h set fulfilment = case command ->> 'status' when 'succeeded' then 'executed' else command ->> 'status' end, version = h.version + 1,
      execution = case command ->> 'status' when 'succeeded' then json_build_object('result', command -> 'result')
        when 'failed' then json_build_object('error', command -> 'error') end
    where h.org_id = run.org_id and h.id = call.hold_id;
  perform holdpoint.append_run_event_v1(run, json_build_object('id', command ->> 'eventId',
    'type', case command ->> 'status' when 'succeeded' then 'action.executed' when 'failed' then 'action.failed' else 'action.unknown' end, 'toolCallId', call.id, 'holdId', call.hold_id,
    'actionName', call.name, 'actionHash', (select c.action_hash from holdpoint.claims c
      where c.org_id = run.org_id and c.tool_call_id = call.id and c.attempt = call.attempt),
    'data', json_build_object('toolCallId', call.id, 'holdId', call.hold_id, 'attempt', call.attempt, 'result', command -> 'result',
      'error', command -> 'error')), at);
  if has_succeeded and command ->> 'counterparty' is not null then
    perform holdpoint.know_counterparty_v1(run.org_id, call.name, command ->> 'counterparty', at);
  end if;
  return json_build_object('code', 'ok', 'now', at);
end $$;
revoke all on function holdpoint.finish_call_v1(json) from public;
grant execute on function holdpoint.finish_call_v1(json) to hp_app;
