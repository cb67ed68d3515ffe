-- Ends a question that needs no answer any more, because the tool that had it says that it can begin.
-- command: {orgId, holdId, eventId}. Answers {code: "ok"} or {code: "not_pending"} (I3: whoever was first).
create or replace function holdpoint.settle_ready_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  org constant text := command ->> 'orgId';
  at timestamptz;
  hold holdpoint.holds;
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  select * into hold from holdpoint.holds h where h.org_id = org and h.id = command ->> 'holdId' for update;
  at := holdpoint.hp_now();
  -- I6: not after the deadline, whether or not the sweeper has been here.
  if hold.id is null or hold.kind <> 'clarification' or hold.status <> 'pending' or hold.expires_at <= at then
    return json_build_object('code', 'not_pending');
  end if;
  hold.status := 'answered';
  hold.version := hold.version + 1;
  hold.decided_at := at;
  hold.outcome := json_build_object('verdict', 'answer', 'arguments', null, 'actionHash', null, 'answer', null,
    'comment', null, 'selfDecided', false,
    'by', json_build_object('id', 'system', 'name', 'readiness', 'via', 'readiness', 'verifiedBy', null));
  perform holdpoint.settle_hold_v1(hold);
  perform holdpoint.append_hold_event_v1(hold, command ->> 'eventId', 'hold.decided', at, 'system', 'system', 'readiness',
    hold.status, null, json_build_object('holdId', hold.id, 'kind', hold.kind, 'title', hold.title, 'status', hold.status,
      'decisionId', null, 'outcome', hold.outcome, 'toolCallId', hold.tool_call_id));
  return json_build_object('code', 'ok', 'now', at);
end $$;
revoke all on function holdpoint.settle_ready_v1(json) from public;
grant execute on function holdpoint.settle_ready_v1(json) to hp_app;
