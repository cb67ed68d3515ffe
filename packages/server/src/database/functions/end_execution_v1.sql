-- How an execution of a service has ended, or that nobody knows. The service that carried it out says so, not who asked: their
-- credential may be gone by then. A late word settles what was unknown; nothing else is said twice.
-- command: {orgId, executionId, status: "executed" | "failed" | "unknown", execution, actionName, counterparty, eventId}
-- Answers {code: "ok" | "repeated", execution, hold}.
create or replace function holdpoint.end_execution_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  done holdpoint.executions;
  hold holdpoint.holds;
  next constant text := command ->> 'status';
  at timestamptz;
begin
  perform pg_catalog.set_config('hp.org_id', command ->> 'orgId', true);
  select * into done from holdpoint.executions e where e.org_id = command ->> 'orgId' and e.id = command ->> 'executionId' for update;
  if done.id is null then return json_build_object('code', 'not_found'); end if;
  if done.status not in ('executing', 'unknown') or done.status = next then
    return json_build_object('code', 'repeated', 'execution', row_to_json(done));
  end if;
  at := holdpoint.hp_now();
  update holdpoint.executions e set status = next, ended_at = case when next <> 'unknown' then at end,
      result = command #> '{execution,result}', error = command #> '{execution,error}'
    where e.org_id = done.org_id and e.id = done.id returning * into done;
  hold := holdpoint.settle_execution_v1(done, command -> 'execution', command ->> 'actionName', command ->> 'eventId', at);
  if next = 'executed' and command ->> 'counterparty' is not null then
    perform holdpoint.know_counterparty_v1(done.org_id, command ->> 'actionName', command ->> 'counterparty', at);
  end if;
  return json_build_object('code', 'ok', 'now', at, 'execution', row_to_json(done),
    'hold', case when hold.id is not null then row_to_json(hold) end);
end $$;
revoke all on function holdpoint.end_execution_v1(json) from public;
grant execute on function holdpoint.end_execution_v1(json) to hp_app;
