-- What a deadline does to a pending hold that is past it; its row is locked by the caller (I6).
-- reject and skip end in expired; approve (reversible only) in approved, by the timeout; hold only clears the deadline;
-- escalate moves it to the end of the ladder, with the time that the ladder gives counted from the old deadline; then it is
-- rejected. Whoever gets back a hold that is pending and overdue still has to refuse: the sweeper ends it at its next look.
-- The time that counts is the deadline's, however late somebody looks.
create or replace function holdpoint.time_out_hold_v1(hold holdpoint.holds, event_id text, at timestamptz) returns holdpoint.holds
language plpgsql volatile set search_path = '' as $$
declare
  overdue_since constant timestamptz := hold.expires_at;
begin
  if hold.on_timeout = 'escalate' and hold.ladder is not null then
    hold.tier := 'escalation';
    hold.route := hold.ladder -> 'route';
    hold.route_role := case when (select count(*) = 1 from json_object_keys(hold.route)) then hold.route ->> 'role' end;
    hold.expires_at := hold.expires_at + make_interval(secs => (hold.ladder ->> 'timeoutSeconds')::double precision);
    hold.on_timeout := 'reject';
    hold.escalated_at := overdue_since;
    hold.ladder_asked_at := null;
    hold.version := hold.version + 1;
    -- They were of those who were asked before (I8).
    hold.votes_since := hold.version;
    hold.step_seconds := null;
    hold.next_step_at := holdpoint.next_step_v1(hold, at, at);
    update holdpoint.holds h set tier = hold.tier, route = hold.route, route_role = hold.route_role, expires_at = hold.expires_at,
        on_timeout = hold.on_timeout, escalated_at = hold.escalated_at, ladder_asked_at = null, version = hold.version,
        votes_since = hold.votes_since, step_seconds = null, next_step_at = hold.next_step_at
      where h.org_id = hold.org_id and h.id = hold.id;
    perform holdpoint.append_hold_event_v1(hold, event_id, 'hold.escalated', at, 'system', 'system', 'timeout', null, null,
      json_build_object('holdId', hold.id, 'kind', hold.kind, 'title', hold.title, 'dueAt', overdue_since,
        'asked', hold.route, 'isLadderEnd', true, 'onTimeout', 'escalate', 'action', hold.action,
        'actionHash', hold.action_hash, 'expiresAt', hold.expires_at, 'toolCallId', hold.tool_call_id));
  elsif hold.on_timeout in ('hold', 'escalate') then
    hold.expires_at := null;
    hold.version := hold.version + 1;
    hold.next_step_at := holdpoint.next_step_v1(hold, at, at);
    update holdpoint.holds h set expires_at = null, version = hold.version, next_step_at = hold.next_step_at
      where h.org_id = hold.org_id and h.id = hold.id;
    perform holdpoint.append_hold_event_v1(hold, event_id, 'hold.kept', at, 'system', null, null, null, null,
      json_build_object('holdId', hold.id, 'title', hold.title, 'onTimeout', hold.on_timeout, 'expiredAt', overdue_since));
  else
    hold.status := case hold.on_timeout when 'approve' then 'approved' else 'expired' end;
    hold.version := hold.version + 1;
    hold.decided_at := hold.expires_at;
    hold.fulfilment := case when hold.on_timeout = 'approve' and hold.kind = 'approval' then 'waiting' else 'none' end;
    hold.outcome := json_build_object('verdict', case hold.on_timeout when 'approve' then 'approve' end,
      'arguments', case hold.on_timeout when 'approve' then hold.action -> 'arguments' end,
      'actionHash', case hold.on_timeout when 'approve' then hold.action_hash end,
      'answer', null, 'comment', null, 'onTimeout', hold.on_timeout,
      'by', json_build_object('id', 'system', 'name', 'timeout', 'via', 'timeout', 'verifiedBy', null));
    perform holdpoint.settle_hold_v1(hold);
    perform holdpoint.append_hold_event_v1(hold, event_id, 'hold.expired', at, 'system', 'system', 'timeout', hold.status, null,
      json_build_object('holdId', hold.id, 'title', hold.title, 'status', hold.status, 'onTimeout', hold.on_timeout,
        'action', hold.action, 'actionHash', hold.action_hash, 'expiresAt', hold.expires_at, 'toolCallId', hold.tool_call_id));
  end if;
  return hold;
end $$;
revoke all on function holdpoint.time_out_hold_v1(holdpoint.holds, text, timestamptz) from public;
grant execute on function holdpoint.time_out_hold_v1(holdpoint.holds, text, timestamptz) to hp_app, hp_definer;
