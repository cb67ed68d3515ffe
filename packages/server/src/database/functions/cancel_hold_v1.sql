-- Withdraws a pending hold: by whoever asked for it, or by a member of role operator and up.
-- command: {credentialHash, holdId, reason, via, eventId, timeoutEventId, idempotencyKey, bodyHash}
create or replace function holdpoint.cancel_hold_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who holdpoint.principal;
  hold holdpoint.holds;
  at timestamptz;
  known boolean;
begin
  who := holdpoint.identify_v1(command ->> 'credentialHash');
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  select * into hold from holdpoint.holds h where h.org_id = who.org_id and h.id = command ->> 'holdId' for update;
  if hold.id is null or (who.kind = 'agent' and who.agent_id is not null and hold.agent_id is distinct from who.agent_id) then
    return json_build_object('code', 'not_found');
  end if;
  at := holdpoint.hp_now();
  if hold.requester is distinct from coalesce(who.agent_id, who.member_id, who.principal_id)
    and (who.role is null or who.role not in ('operator', 'admin')) then
    return json_build_object('code', 'not_allowed', 'needs', 'the requester, or role operator', 'hold', row_to_json(hold));
  end if;
  known := holdpoint.known_request_v1(hold, who, command);
  if known is not null then
    return json_build_object('code', case when known then 'repeated' else 'idempotency_mismatch' end, 'now', at,
      'hold', row_to_json(hold));
  end if;
  -- Withdrawing twice is one withdrawal.
  if hold.status = 'cancelled' then
    return json_build_object('code', case when holdpoint.keep_request_key_v1(hold, who, command) then 'repeated'
      else 'idempotency_mismatch' end, 'now', at, 'hold', row_to_json(hold));
  end if;
  if hold.status = 'pending' and hold.expires_at <= at then
    hold := holdpoint.time_out_hold_v1(hold, command ->> 'timeoutEventId', at);
  end if;
  if hold.status = 'expired' then return json_build_object('code', 'expired', 'hold', row_to_json(hold)); end if;
  if hold.status <> 'pending' then return json_build_object('code', 'already_decided', 'hold', row_to_json(hold)); end if;
  if not holdpoint.keep_request_key_v1(hold, who, command) then
    return json_build_object('code', 'idempotency_mismatch', 'hold', row_to_json(hold));
  end if;
  hold.status := 'cancelled';
  hold.version := hold.version + 1;
  hold.decided_at := at;
  hold.outcome := json_build_object('verdict', null, 'comment', command ->> 'reason',
    'by', json_build_object('id', coalesce(who.member_id, who.agent_id, who.principal_id),
      'name', coalesce(who.member_name, who.agent_id, who.principal_id), 'via', command ->> 'via', 'verifiedBy', who.kind));
  perform holdpoint.settle_hold_v1(hold);
  perform holdpoint.append_hold_event_v1(hold, command ->> 'eventId', 'hold.cancelled', at,
    case when who.member_id is null then 'agent' else 'member' end, coalesce(who.member_id, who.agent_id, who.principal_id),
    who.member_name, 'cancelled', command ->> 'reason',
    json_build_object('holdId', hold.id, 'title', hold.title, 'action', hold.action, 'reason', command ->> 'reason',
      'toolCallId', hold.tool_call_id));
  return json_build_object('code', 'ok', 'now', at, 'hold', row_to_json(hold));
end $$;
revoke all on function holdpoint.cancel_hold_v1(json) from public;
grant execute on function holdpoint.cancel_hold_v1(json) to hp_app;
