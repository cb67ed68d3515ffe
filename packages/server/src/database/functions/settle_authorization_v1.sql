-- Ends one authorization hold: answered because the sign-in is there, or rejected because its person refused. By the end user
-- where their sign-in was about this hold, else by the service, which saw that the need was met another way.
-- command: {orgId, holdId, verdict: "answer" | "reject", via: "oauth" | "readiness", verifiedBy, connectionId, scopes, comment,
--   decisionId, eventId}
-- Answers {code: "ok", hold} or {code: "not_pending"} (I3: whoever was first).
create or replace function holdpoint.settle_authorization_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  org constant text := command ->> 'orgId';
  is_person constant boolean := command ->> 'via' = 'oauth';
  is_yes constant boolean := command ->> 'verdict' = 'answer';
  at timestamptz;
  hold holdpoint.holds;
  by_id text;
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  select * into hold from holdpoint.holds h where h.org_id = org and h.id = command ->> 'holdId' for update;
  at := holdpoint.hp_now();
  -- I6: not after the deadline, whether or not the sweeper has been here.
  if hold.id is null or hold.kind <> 'authorization' or hold.status <> 'pending' or hold.expires_at <= at then
    return json_build_object('code', 'not_pending');
  end if;
  by_id := case when is_person then hold.end_user_id else 'system' end;
  hold.status := case when is_yes then 'answered' else 'rejected' end;
  hold.version := hold.version + 1;
  hold.decided_at := at;
  hold.outcome := json_build_object('verdict', command ->> 'verdict', 'arguments', null, 'actionHash', null,
    'answer', case when is_yes then json_build_object('connectionId', command ->> 'connectionId', 'scopes', command -> 'scopes') end,
    'comment', command ->> 'comment', 'selfDecided', false,
    'by', json_build_object('id', by_id, 'name', case when is_person then hold.end_user_id else 'readiness' end,
      'via', command ->> 'via', 'verifiedBy', command ->> 'verifiedBy'));
  if is_person then
    insert into holdpoint.decisions (org_id, id, hold_id, hold_version, verdict, by_id, by_name, via, verified_by, strength,
        is_self_decided, answer, comment, created_at)
      values (org, command ->> 'decisionId', hold.id, hold.version - 1, command ->> 'verdict', by_id, by_id, 'oauth',
        command ->> 'verifiedBy', 0, false, hold.outcome -> 'answer', command ->> 'comment', at);
  end if;
  perform holdpoint.settle_hold_v1(hold);
  perform holdpoint.append_hold_event_v1(hold, command ->> 'eventId', 'hold.decided', at,
    case when is_person then 'end_user' else 'system' end, by_id, hold.outcome #>> '{by,name}', hold.status, command ->> 'comment',
    json_build_object('holdId', hold.id, 'kind', hold.kind, 'title', hold.title, 'status', hold.status,
      'decisionId', case when is_person then command ->> 'decisionId' end, 'outcome', hold.outcome,
      'toolCallId', hold.tool_call_id,
      'message', case when is_yes then 'Authorization completed; the agent can resume.'
        else 'Authorization was refused; the agent is told so.' end));
  return json_build_object('code', 'ok', 'now', at, 'hold', row_to_json(hold));
end $$;
revoke all on function holdpoint.settle_authorization_v1(json) from public;
grant execute on function holdpoint.settle_authorization_v1(json) to hp_app;
