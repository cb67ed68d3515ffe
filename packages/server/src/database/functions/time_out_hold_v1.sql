-- What a deadline does to a pending hold that is past it; its row is locked by the caller (I6).
-- reject and skip end in expired; approve (reversible only) in approved, by the timeout; hold only clears the deadline.
-- The time that counts is the deadline's, however late somebody looks.
create or replace function holdpoint.time_out_hold_v1(hold holdpoint.holds, event_id text, at timestamptz) returns holdpoint.holds
language plpgsql volatile set search_path = '' as $$
begin
  if hold.on_timeout in ('hold', 'escalate') then
    update holdpoint.holds h set expires_at = null, version = h.version + 1
      where h.org_id = hold.org_id and h.id = hold.id;
    perform holdpoint.append_hold_event_v1(hold, event_id, 'hold.kept', at, 'system', null, null, null, null,
      json_build_object('holdId', hold.id, 'title', hold.title, 'onTimeout', hold.on_timeout, 'expiredAt', hold.expires_at));
    hold.expires_at := null;
    hold.version := hold.version + 1;
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
