-- Creates a hold for whoever the credential belongs to: one round trip, one transaction, one event.
--
-- command: {credentialHash, orgId, scope, hold: {columns}, timeoutSeconds, respondSeconds, eventId, runEventId, policyRevision, shadow}
-- The action hash was made for orgId (the credential's organisation never changes, so the door may remember it);
-- the credential itself is checked here, every time.
-- policyRevision is that of the policy which held the action; under another one it is evaluated anew ("policy_outdated"), so
-- that what an instance remembers never decides.
-- Answers {code: "ok", set: {columns that the database set}}, {code: "repeated", hold or claim} or {code: "unauthorized" |
-- "not_allowed" | "policy_outdated" | "idempotency_mismatch" | "run_not_found" | "run_ended" | "session_not_found"}.
create or replace function holdpoint.create_hold_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  asked constant holdpoint.create_hold_command := json_populate_record(null::holdpoint.create_hold_command, command);
  who constant holdpoint.principal := holdpoint.identify_v1(asked."credentialHash");
  at timestamptz;
  ignored text;
  hold holdpoint.holds;
  existing holdpoint.holds;
  proceeded holdpoint.claims;
  run holdpoint.runs;
begin
  if who.org_id is distinct from asked."orgId" or who.org_id is null then
    return json_build_object('code', 'unauthorized');
  end if;
  if who.kind in ('agent', 'relay') and not ('holds:create' = any (who.scopes)) then
    return json_build_object('code', 'not_allowed', 'needs', 'scope holds:create');
  end if;
  if who.kind = 'session' and who.role in ('viewer', 'reviewer') then
    return json_build_object('code', 'not_allowed', 'needs', 'role operator');
  end if;
  ignored := pg_catalog.set_config('hp.org_id', who.org_id, true);
  at := holdpoint.hp_now();
  hold := asked.hold;
  hold.org_id := who.org_id;
  hold.status := 'pending';
  hold.version := 1;
  hold.fulfilment := 'none';
  hold.requester := coalesce(who.agent_id, who.member_id, who.principal_id);
  hold.requester_kind := case who.kind when 'session' then 'member' when 'operator' then 'operator_key' else 'agent' end;
  hold.requester_member_id := who.member_id;
  hold.agent_id := coalesce(who.agent_id, hold.agent_id);
  hold.created_at := at;
  hold.expires_at := at + make_interval(secs => asked."timeoutSeconds");
  -- next_step_v1 for the common case, where it is the first of its steps: a trigger costs 5 % of the whole.
  if hold.step_seconds is not null and hold.remind_every_seconds is null then
    hold.next_step_at := at + make_interval(secs => hold.step_seconds[1]);
    if hold.expires_at <= hold.next_step_at then hold.next_step_at := null; end if;
  end if;
  hold.respond_by := least(hold.expires_at, at + make_interval(secs => asked."respondSeconds"));

  if hold.run_id is not null then
    select * into run from holdpoint.runs r where r.org_id = hold.org_id and r.id = hold.run_id;
    -- What an agent asks for is no part of another's run.
    if run.id is null or who.agent_id is not null and run.agent_id <> who.agent_id then
      return json_build_object('code', 'run_not_found');
    end if;
  end if;
  if not holdpoint.touch_session_v1(hold.org_id, hold.session_id, hold.end_user_id, at) then
    return json_build_object('code', 'session_not_found');
  end if;

  -- The same request may have been let through, under a policy of before: then its key stands for that.
  if hold.idempotency_key is not null then
    select * into proceeded from holdpoint.claims c
      where c.org_id = hold.org_id and c.idempotency_key = hold.idempotency_key and c.hold_id is null;
    if proceeded.id is not null then
      return json_build_object('claim', row_to_json(proceeded), 'code',
        case when proceeded.body_hash is not distinct from hold.body_hash and proceeded.action_hash = hold.action_hash
          and proceeded.redeemed_by = hold.requester then 'repeated' else 'idempotency_mismatch' end);
    end if;
  end if;
  if hold.kind = 'approval' and coalesce(asked."policyRevision", 0) <> coalesce((select p.revision from holdpoint.policies p where p.org_id = hold.org_id), 0) then
    return json_build_object('code', 'policy_outdated');
  end if;
  -- What lives elsewhere holds from now on; what has ended asks for nothing more. Its row is locked before the hold is there for
  -- anybody to lock. Repeated, the request has been answered, however the run ended since.
  if run.heartbeat_seconds is not null then
    select * into run from holdpoint.runs r where r.org_id = hold.org_id and r.id = hold.run_id for update;
    if run.id is null then return json_build_object('code', 'run_not_found'); end if;
    if run.ended_at is not null and not exists (select from holdpoint.holds h
        where h.org_id = hold.org_id and (h.id = hold.id or h.idempotency_key = hold.idempotency_key)) then
      return json_build_object('code', 'run_ended', 'status', run.status);
    end if;
    -- Under another name it would pass by what stands over its agent.
    if hold.agent_id is distinct from run.agent_id then
      return json_build_object('code', 'not_allowed', 'needs', 'the agent of the run');
    end if;
    hold.run_lost_at := run.lost_at;
  elsif run.id is not null then
    -- Whoever deletes the run sees this hold, or this sees that it is gone.
    perform from holdpoint.runs r where r.org_id = hold.org_id and r.id = hold.run_id for key share;
    if not found then return json_build_object('code', 'run_not_found'); end if;
  end if;
  -- A call repeated after a lost connection brings the same id; a client's repetition the same key.
  -- One statement, since starting one costs more than what each of these writes.
  with written as (insert into holdpoint.holds select (hold).* on conflict do nothing returning id)
  insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, action_name, action_hash,
    hold_id, run_id, session_id, agent_id, end_user_id, data)
  select hold.org_id, asked."eventId", 'hold.created', at, case when who.member_id is null then 'agent' else 'member' end,
    hold.requester, coalesce(who.member_name, who.agent_id), hold.action ->> 'name', hold.action_hash,
    written.id, hold.run_id, hold.session_id, hold.agent_id, hold.end_user_id, holdpoint.presented_v2(hold, asked.shadow)
  from written;
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
  if run.heartbeat_seconds is not null then perform holdpoint.settle_external_run_v1(run, asked."runEventId", at); end if;
  return json_build_object('code', 'ok', 'now', at, 'set', json_build_object('org_id', hold.org_id, 'status', hold.status,
    'version', hold.version, 'fulfilment', hold.fulfilment, 'requester', hold.requester, 'requester_kind', hold.requester_kind,
    'requester_member_id', hold.requester_member_id, 'agent_id', hold.agent_id, 'created_at', hold.created_at,
    'respond_by', hold.respond_by, 'expires_at', hold.expires_at));
end $$;
revoke all on function holdpoint.create_hold_v1(json) from public;
grant execute on function holdpoint.create_hold_v1(json) to hp_app;
