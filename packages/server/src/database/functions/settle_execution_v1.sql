-- Writes what became of an execution to its hold, where it has one, and its one event (I5).
create or replace function holdpoint.settle_execution_v1(done holdpoint.executions, execution json, action_name text, event_id text, at timestamptz)
returns holdpoint.holds
language plpgsql volatile set search_path = '' as $$
declare
  hold holdpoint.holds;
  event_type constant text := 'action.' || done.status;
  data constant json := json_build_object('holdId', done.hold_id, 'claimId', done.claim_id, 'executionId', done.id,
    'transactionId', done.transaction_id, 'serviceId', done.service_id, 'actionHash', done.action_hash, 'execution', execution);
begin
  if done.hold_id is null then
    insert into holdpoint.events (org_id, id, type, created_at, actor_kind, action_name, action_hash, agent_id, data)
      values (done.org_id, event_id, event_type, at, 'system', action_name, done.action_hash, done.agent_id, data);
    return null;
  end if;
  select * into hold from holdpoint.holds h where h.org_id = done.org_id and h.id = done.hold_id for update;
  if hold.id is null or hold.fulfilment not in ('executing', 'unknown') or hold.fulfilment = done.status then return hold; end if;
  hold.fulfilment := done.status;
  hold.execution := execution;
  hold.version := hold.version + 1;
  update holdpoint.holds h set fulfilment = hold.fulfilment, execution = hold.execution, version = hold.version
    where h.org_id = hold.org_id and h.id = hold.id;
  perform holdpoint.append_hold_event_v1(hold, event_id, event_type, at, 'system', null, null, null, null, data);
  return hold;
end $$;
revoke all on function holdpoint.settle_execution_v1(holdpoint.executions, json, text, text, timestamptz) from public;
grant execute on function holdpoint.settle_execution_v1(holdpoint.executions, json, text, text, timestamptz) to hp_app, hp_definer;
