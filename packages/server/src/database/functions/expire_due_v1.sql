-- Ends holds whose deadline has passed, over all organisations; any instance may run it, each takes others' leftovers
-- with SKIP LOCKED. event_ids are made by the caller, one for each hold at most.
-- I6: reject and skip end in expired; approve (reversible only) in approved; hold only clears the deadline.
create or replace function holdpoint.expire_due_v1(event_ids text[]) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare
  hold holdpoint.holds;
  at timestamptz := holdpoint.hp_now();
  touched json[] := '{}';
  n integer := 0;
begin
  for hold in
    select * from holdpoint.holds h where h.status = 'pending' and h.expires_at <= at
    order by h.expires_at limit coalesce(cardinality(event_ids), 0) for update skip locked
  loop
    n := n + 1;
    if hold.on_timeout in ('hold', 'escalate') then
      update holdpoint.holds h set expires_at = null, version = h.version + 1
        where h.org_id = hold.org_id and h.id = hold.id;
      perform holdpoint.append_hold_event_v1(hold, event_ids[n], 'hold.kept', at, 'system', null, null, null, null,
        json_build_object('holdId', hold.id, 'title', hold.title, 'onTimeout', hold.on_timeout, 'expiredAt', hold.expires_at));
    else
      hold.status := case hold.on_timeout when 'approve' then 'approved' else 'expired' end;
      hold.version := hold.version + 1;
      hold.decided_at := at;
      hold.fulfilment := case when hold.on_timeout = 'approve' and hold.kind = 'approval' then 'waiting' else 'none' end;
      hold.outcome := json_build_object('verdict', case hold.on_timeout when 'approve' then 'approve' end,
        'arguments', case hold.on_timeout when 'approve' then hold.action -> 'arguments' end,
        'actionHash', case hold.on_timeout when 'approve' then hold.action_hash end,
        'answer', null, 'comment', null, 'onTimeout', hold.on_timeout,
        'by', json_build_object('id', 'system', 'name', 'timeout', 'via', 'timeout', 'verifiedBy', null));
      perform holdpoint.settle_hold_v1(hold);
      perform holdpoint.append_hold_event_v1(hold, event_ids[n], 'hold.expired', at, 'system', 'system', 'timeout', hold.status, null,
        json_build_object('holdId', hold.id, 'title', hold.title, 'status', hold.status, 'onTimeout', hold.on_timeout,
          'action', hold.action, 'actionHash', hold.action_hash, 'expiresAt', hold.expires_at, 'toolCallId', hold.tool_call_id));
    end if;
    touched := touched || json_build_object('orgId', hold.org_id, 'holdId', hold.id, 'runId', hold.run_id, 'status', hold.status,
      'kind', hold.kind, 'title', hold.title);
  end loop;
  return json_build_object('expired', array_to_json(touched),
    'nextAt', (select min(h.expires_at) from holdpoint.holds h where h.status = 'pending' and h.expires_at > at));
end $$;
alter function holdpoint.expire_due_v1(text[]) owner to hp_definer;
revoke all on function holdpoint.expire_due_v1(text[]) from public;
grant execute on function holdpoint.expire_due_v1(text[]) to hp_app;
