-- A person puts a pending hold off, or takes it up again. Nothing is decided, and nobody else's list changes.
-- command: {credentialHash, holdId, isDeferred, eventId, timeoutEventId, idempotencyKey, bodyHash}
create or replace function holdpoint.defer_hold_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who holdpoint.principal;
  hold holdpoint.holds;
  at timestamptz;
  known boolean;
  is_deferred constant boolean := (command ->> 'isDeferred')::boolean;
begin
  who := holdpoint.identify_v1(command ->> 'credentialHash');
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  select * into hold from holdpoint.holds h where h.org_id = who.org_id and h.id = command ->> 'holdId' for update;
  if hold.id is null then return json_build_object('code', 'not_found'); end if;
  at := holdpoint.hp_now();
  if who.member_id is null then
    return json_build_object('code', 'not_allowed', 'needs', 'person', 'hold', row_to_json(hold));
  end if;
  known := holdpoint.known_request_v1(hold, who, command);
  if known is not null then
    return json_build_object('code', case when known then 'repeated' else 'idempotency_mismatch' end, 'now', at,
      'hold', row_to_json(hold));
  end if;
  if hold.status = 'pending' and hold.expires_at <= at then
    hold := holdpoint.time_out_hold_v1(hold, command ->> 'timeoutEventId', at);
  end if;
  if hold.status = 'expired' then return json_build_object('code', 'expired', 'hold', row_to_json(hold)); end if;
  if hold.status <> 'pending' then return json_build_object('code', 'already_decided', 'hold', row_to_json(hold)); end if;
  if not holdpoint.keep_request_key_v1(hold, who, command) then
    return json_build_object('code', 'idempotency_mismatch', 'hold', row_to_json(hold));
  end if;
  if is_deferred then
    insert into holdpoint.deferrals (org_id, hold_id, member_id, deferred_at)
      values (hold.org_id, hold.id, who.member_id, at) on conflict do nothing;
  else
    delete from holdpoint.deferrals d
      where d.org_id = hold.org_id and d.hold_id = hold.id and d.member_id = who.member_id;
  end if;
  -- Twice is once.
  if not found then return json_build_object('code', 'repeated', 'now', at, 'hold', row_to_json(hold)); end if;
  perform holdpoint.append_hold_event_v1(hold, command ->> 'eventId', 'hold.deferred', at, 'member', who.member_id,
    who.member_name, case when is_deferred then 'deferred' else 'taken_up' end, null,
    json_build_object('holdId', hold.id, 'title', hold.title, 'action', hold.action, 'isDeferred', is_deferred,
      'toolCallId', hold.tool_call_id));
  return json_build_object('code', 'ok', 'now', at, 'hold', row_to_json(hold));
end $$;
revoke all on function holdpoint.defer_hold_v1(json) from public;
grant execute on function holdpoint.defer_hold_v1(json) to hp_app;
