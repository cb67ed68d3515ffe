-- An action that may run by itself: recorded, with its claim, and never asked about (R87).
-- command: {credentialHash, orgId, scope, action, actionHash, reasons, about: {runId, sessionId, endUserId, agentId},
--   claimId, lifetimeSeconds, eventId, idempotencyKey, bodyHash, policyRevision, policyVersion, rule, level, facts, shadow, grantId,
--   sampleId}
-- policyRevision: see create_hold_v1. A request that was held when it came first answers {code: "repeated", hold}.
-- grantId: the standing permission that lets it through; where not enough is left of it, {code: "grant_spent"} and nothing is done.
create or replace function holdpoint.proceed_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who holdpoint.principal;
  at timestamptz;
  claim holdpoint.claims;
  existing holdpoint.claims;
  held holdpoint.holds;
  about json := command -> 'about';
  action_value numeric;
  used holdpoint.grants;
  run holdpoint.runs;
begin
  who := holdpoint.identify_v1(command ->> 'credentialHash');
  if who.org_id is null or who.org_id <> command ->> 'orgId' then return json_build_object('code', 'unauthorized'); end if;
  if who.kind in ('agent', 'relay') and not ('holds:create' = any (who.scopes)) then
    return json_build_object('code', 'not_allowed', 'needs', 'scope holds:create');
  end if;
  if who.kind = 'session' and who.role in ('viewer', 'reviewer') then
    return json_build_object('code', 'not_allowed', 'needs', 'role operator');
  end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  at := holdpoint.hp_now();
  if about ->> 'runId' is not null then
    select * into run from holdpoint.runs r where r.org_id = who.org_id and r.id = about ->> 'runId';
    if run.id is null or who.agent_id is not null and run.agent_id <> who.agent_id then
      return json_build_object('code', 'run_not_found');
    end if;
  end if;
  if not holdpoint.touch_session_v1(who.org_id, about ->> 'sessionId', about ->> 'endUserId', at) then
    return json_build_object('code', 'session_not_found');
  end if;
  if command ->> 'idempotencyKey' is not null then
    select * into held from holdpoint.holds h
      where h.org_id = who.org_id and h.idempotency_key = command ->> 'idempotencyKey';
    if held.id is not null then
      return json_build_object('now', at, 'hold', row_to_json(held), 'code',
        case when held.body_hash is not distinct from command ->> 'bodyHash'
          and held.requester = coalesce(who.agent_id, who.member_id, who.principal_id)
          then 'repeated' else 'idempotency_mismatch' end);
    end if;
    select * into existing from holdpoint.claims c
      where c.org_id = who.org_id and c.idempotency_key = command ->> 'idempotencyKey';
  end if;
  -- Under another name it would pass by what stands over its agent.
  if run.heartbeat_seconds is not null and run.agent_id is distinct from coalesce(who.agent_id, about ->> 'agentId') then
    return json_build_object('code', 'not_allowed', 'needs', 'the agent of the run');
  end if;
  -- What lives elsewhere and was cancelled does nothing more.
  if existing.id is null and run.heartbeat_seconds is not null and run.ended_at is not null then
    return json_build_object('code', 'run_ended', 'status', run.status);
  end if;
  if existing.id is null and coalesce((command ->> 'policyRevision')::bigint, 0) <> coalesce((select p.revision from holdpoint.policies p where p.org_id = who.org_id), 0) then
    return json_build_object('code', 'policy_outdated');
  end if;
  -- Before the claim, so that without it nothing has to be undone; what repeats a claim takes no second use.
  if command ->> 'grantId' is not null and existing.id is null
    and not exists (select from holdpoint.claims c where c.org_id = who.org_id and c.id = command ->> 'claimId') then
    action_value := (command #>> '{facts,action,value}')::numeric;
    -- I9: nobody's own permission is for what they ask for themselves.
    used := holdpoint.use_grant_v1(who.org_id, command ->> 'grantId', command #>> '{action,name}',
      coalesce(who.agent_id, about ->> 'agentId'), about ->> 'endUserId', action_value, who.member_id, at);
    if used.id is null then return json_build_object('code', 'grant_spent'); end if;
  end if;
  insert into holdpoint.claims (org_id, id, action_hash, run_id, redeemed_by, redeemed_at, expires_at, reasons, idempotency_key, body_hash,
      grant_id, grant_value)
    values (who.org_id, command ->> 'claimId', command ->> 'actionHash', about ->> 'runId',
      coalesce(who.agent_id, who.member_id, who.principal_id), at,
      at + make_interval(secs => (command ->> 'lifetimeSeconds')::double precision), command -> 'reasons',
      command ->> 'idempotencyKey', command ->> 'bodyHash', used.id, case when used.budget is not null then action_value end)
    on conflict do nothing returning * into claim;
  if claim.id is null then
    -- The same request at the same moment was first: it has taken its own use.
    if used.id is not null then
      update holdpoint.grants g set uses_left = g.uses_left + 1, budget_left = g.budget_left + action_value
        where g.org_id = used.org_id and g.id = used.id;
    end if;
    select * into existing from holdpoint.claims c where c.org_id = who.org_id and c.id = command ->> 'claimId';
    if existing.id is null then
      select * into existing from holdpoint.claims c
        where c.org_id = who.org_id and c.idempotency_key = command ->> 'idempotencyKey';
    end if;
    -- A key is its principal's, and a claim is for exactly the bytes that it was given for (I1).
    return json_build_object('claim', row_to_json(existing), 'code',
      case when existing.body_hash is not distinct from command ->> 'bodyHash' and existing.action_hash = command ->> 'actionHash'
        and existing.redeemed_by = coalesce(who.agent_id, who.member_id, who.principal_id)
        then 'repeated' else 'idempotency_mismatch' end);
  end if;
  insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, action_name, action_hash,
    run_id, session_id, agent_id, end_user_id, data)
  values (who.org_id, command ->> 'eventId', 'action.auto_proceeded', at,
    case when who.member_id is null then 'agent' else 'member' end, claim.redeemed_by, coalesce(who.member_name, who.agent_id),
    command #>> '{action,name}', claim.action_hash, about ->> 'runId', about ->> 'sessionId',
    coalesce(who.agent_id, about ->> 'agentId'), about ->> 'endUserId',
    json_build_object('action', command -> 'action', 'actionHash', claim.action_hash, 'claimId', claim.id, 'reasons', command -> 'reasons',
      'policyVersion', command -> 'policyVersion', 'rule', command -> 'rule', 'level', command -> 'level', 'grantId', used.id,
      'grantLeft', case when used.id is not null then json_build_object('uses', used.uses_left, 'budget', used.budget_left) end,
      'sampleId', command -> 'sampleId', 'facts', command -> 'facts', 'shadow', command -> 'shadow'));
  if command ->> 'sampleId' is not null then
    perform holdpoint.keep_sample_v1(claim, command, coalesce(who.agent_id, about ->> 'agentId'), about ->> 'endUserId',
      command -> 'action', at);
  end if;
  return json_build_object('code', 'ok', 'claim', row_to_json(claim),
    'grant', case when used.id is not null then row_to_json(used) end);
end $$;
revoke all on function holdpoint.proceed_v1(json) from public;
grant execute on function holdpoint.proceed_v1(json) to hp_app;
