-- Creates a hold for whoever the credential belongs to: one round trip, one transaction, one event.
--
-- command: {credentialHash, orgId, scope, hold: {columns}, timeoutSeconds, respondSeconds, eventId}
-- The action hash was made for orgId (the credential's organisation never changes, so the door may remember it);
-- the credential itself is checked here, every time.
-- Answers {code: "ok" | "repeated", hold} or {code: "unauthorized" | "not_allowed" | "idempotency_mismatch" |
-- "run_not_found" | "session_not_found"}.
create or replace function holdpoint.create_hold_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who record;
  at timestamptz;
  hold holdpoint.holds;
  existing holdpoint.holds;
begin
  select * into who from holdpoint.identify_v1(command ->> 'credentialHash');
  if who is null or who.org_id <> command ->> 'orgId' then
    return json_build_object('code', 'unauthorized');
  end if;
  if who.kind in ('agent', 'relay') and not ('holds:create' = any (who.scopes)) then
    return json_build_object('code', 'not_allowed', 'needs', 'scope holds:create');
  end if;
  if who.kind = 'session' and who.role in ('viewer', 'reviewer') then
    return json_build_object('code', 'not_allowed', 'needs', 'role operator');
  end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  at := holdpoint.hp_now();
  hold := json_populate_record(null::holdpoint.holds, command -> 'hold');
  hold.org_id := who.org_id;
  hold.status := 'pending';
  hold.version := 1;
  hold.fulfilment := 'none';
  hold.requester := coalesce(who.agent_id, who.member_id, who.principal_id);
  hold.requester_kind := case who.kind when 'session' then 'member' when 'operator' then 'operator_key' else 'agent' end;
  hold.requester_member_id := who.member_id;
  hold.agent_id := coalesce(who.agent_id, hold.agent_id);
  hold.created_at := at;
  hold.expires_at := at + make_interval(secs => (command ->> 'timeoutSeconds')::double precision);
  hold.respond_by := least(hold.expires_at, at + make_interval(secs => (command ->> 'respondSeconds')::double precision));

  if hold.run_id is not null and not exists (select from holdpoint.runs r where r.org_id = hold.org_id and r.id = hold.run_id) then
    return json_build_object('code', 'run_not_found');
  end if;
  if not holdpoint.touch_session_v1(hold.org_id, hold.session_id, hold.end_user_id, at) then
    return json_build_object('code', 'session_not_found');
  end if;

  -- The same request may have been let through: then its key stands for that.
  if hold.idempotency_key is not null and exists (select from holdpoint.claims c
      where c.org_id = hold.org_id and c.idempotency_key = hold.idempotency_key and c.hold_id is null) then
    return json_build_object('code', 'idempotency_mismatch');
  end if;
  -- A call repeated after a lost connection brings the same id; a client's repetition the same key.
  insert into holdpoint.holds select (hold).* on conflict do nothing;
  if not found then
    select * into existing from holdpoint.holds h where h.org_id = hold.org_id and h.id = hold.id;
    if existing.id is null then
      select * into existing from holdpoint.holds h
        where h.org_id = hold.org_id and h.idempotency_key = hold.idempotency_key;
    end if;
    -- A key is its principal's: what another asked for is not read by repeating the request.
    if existing.body_hash is distinct from hold.body_hash or existing.requester is distinct from hold.requester then
      return json_build_object('code', 'idempotency_mismatch', 'hold', row_to_json(existing));
    end if;
    return json_build_object('code', 'repeated', 'now', at, 'hold', row_to_json(existing));
  end if;
  perform holdpoint.append_hold_event_v1(hold, command ->> 'eventId', 'hold.created', at,
    case when who.member_id is null then 'agent' else 'member' end, hold.requester, coalesce(who.member_name, who.agent_id), null, null,
    holdpoint.presented_v1(hold));
  return json_build_object('code', 'ok', 'now', at, 'hold', row_to_json(hold));
end $$;
revoke all on function holdpoint.create_hold_v1(json) from public;
grant execute on function holdpoint.create_hold_v1(json) to hp_app;
