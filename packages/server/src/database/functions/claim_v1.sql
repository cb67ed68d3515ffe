-- Redeems an approval once (I1, I2): the agent that asked gets the single-use right to execute exactly these bytes.
-- command: {credentialHash, holdId, actionHash, claimId, lifetimeSeconds, eventId, idempotencyKey, bodyHash,
--   policyRevision, notEnough}
-- I8: what was approved under an earlier version of the policy than the one in force answers {code: "policy_outdated"} until
-- the policy of this policyRevision was asked about it, and so does what was approved before a kill-switch that stands;
-- notEnough says why the approval is not one by that policy.
create or replace function holdpoint.claim_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who holdpoint.principal;
  hold holdpoint.holds;
  at timestamptz;
  until timestamptz;
  earlier holdpoint.claims;
  policy holdpoint.policies;
  lost text;
begin
  who := holdpoint.identify_v1(command ->> 'credentialHash');
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  select * into hold from holdpoint.holds h where h.org_id = who.org_id and h.id = command ->> 'holdId' for update;
  if hold.id is null or (who.kind = 'agent' and who.agent_id is not null and hold.agent_id is distinct from who.agent_id) then
    return json_build_object('code', 'not_found');
  end if;
  if hold.requester is distinct from coalesce(who.agent_id, who.member_id, who.principal_id) then
    return json_build_object('code', 'not_allowed', 'needs', 'the principal that asked', 'hold', row_to_json(hold));
  end if;
  at := holdpoint.hp_now();
  if hold.status = 'pending' and hold.expires_at <= at or hold.status = 'expired' then
    return json_build_object('code', 'expired', 'hold', row_to_json(hold));
  end if;
  if hold.status not in ('approved', 'modified') or hold.kind <> 'approval' then
    return json_build_object('code', 'not_approved', 'hold', row_to_json(hold));
  end if;
  -- A run's own calls are executed by the service, never by whoever can read the hold.
  if hold.tool_call_id is not null then
    return json_build_object('code', 'not_claimable', 'hold', row_to_json(hold));
  end if;
  -- A call repeated after a lost connection brings the same claim id; an agent that lost our answer the same key.
  select * into earlier from holdpoint.claims c
    where c.org_id = hold.org_id and (c.id = command ->> 'claimId' or c.idempotency_key = command ->> 'idempotencyKey');
  if earlier.id is not null then
    if earlier.hold_id is distinct from hold.id or earlier.body_hash is distinct from command ->> 'bodyHash' then
      return json_build_object('code', 'idempotency_mismatch', 'hold', row_to_json(hold));
    end if;
    return json_build_object('code', 'ok', 'claimId', earlier.id, 'hold', row_to_json(hold), 'now', at, 'issuedAt', earlier.redeemed_at, 'expiresAt', earlier.expires_at);
  end if;
  if hold.execution #>> '{error,code}' = 'entitlement_lost' then
    return json_build_object('code', 'entitlement_lost', 'hold', row_to_json(hold));
  end if;
  -- Its run was ended before anybody redeemed it: nothing of it was executed, and nobody may take it for done.
  if hold.fulfilment = 'failed' and hold.run_id is not null and not exists (select from holdpoint.events e
      where e.org_id = hold.org_id and e.hold_id = hold.id and e.type = 'action.executing') then
    return json_build_object('code', 'run_ended', 'hold', row_to_json(hold));
  end if;
  if hold.fulfilment not in ('waiting', 'delivered') then
    return json_build_object('code', 'already_redeemed', 'hold', row_to_json(hold));
  end if;
  if command ->> 'actionHash' is not null and hold.outcome ->> 'actionHash' <> command ->> 'actionHash' then
    return json_build_object('code', 'action_changed', 'hold', row_to_json(hold));
  end if;
  if holdpoint.entitlement_lost_v1(hold, at) then
    lost := 'Whoever approved it may not approve it any more.';
  else
    select * into policy from holdpoint.policies p where p.org_id = hold.org_id;
    if hold.policy_version < policy.version or policy.switched_at >= hold.decided_at
      -- Silence is nobody's word, whenever it came.
      or policy.switched_at is not null and hold.outcome #>> '{by,via}' = 'timeout' then
      if (command ->> 'policyRevision')::bigint is distinct from policy.revision then
        return json_build_object('code', 'policy_outdated', 'hold', row_to_json(hold));
      end if;
      lost := command ->> 'notEnough';
    end if;
  end if;
  -- Nothing will come of it: the inbox must not wait for it, and whoever asked has to ask anew.
  if lost is not null then
    hold.fulfilment := 'failed';
    hold.execution := json_build_object('error', json_build_object('code', 'entitlement_lost',
      'message', lost));
    hold.version := hold.version + 1;
    update holdpoint.holds h set fulfilment = hold.fulfilment, execution = hold.execution, version = hold.version
      where h.org_id = hold.org_id and h.id = hold.id;
    perform holdpoint.append_hold_event_v1(hold, command ->> 'eventId', 'action.refused', at,
      case when who.member_id is null then 'agent' else 'member' end, hold.requester, who.member_name, null, null,
      json_build_object('holdId', hold.id, 'code', 'entitlement_lost',
        'message', hold.execution #>> '{error,message}', 'action', hold.action));
    return json_build_object('code', 'entitlement_lost', 'hold', row_to_json(hold));
  end if;
  until := at + make_interval(secs => (command ->> 'lifetimeSeconds')::double precision);
  insert into holdpoint.claims (org_id, id, hold_id, action_hash, run_id, redeemed_by, redeemed_at, expires_at,
      idempotency_key, body_hash)
    values (hold.org_id, command ->> 'claimId', hold.id, hold.outcome ->> 'actionHash', hold.run_id, hold.requester, at, until,
      command ->> 'idempotencyKey', command ->> 'bodyHash')
    on conflict (org_id, idempotency_key) where idempotency_key is not null do nothing;
  if not found then return json_build_object('code', 'idempotency_mismatch', 'hold', row_to_json(hold)); end if;
  hold.fulfilment := 'executing';
  hold.version := hold.version + 1;
  update holdpoint.holds h set fulfilment = hold.fulfilment, version = hold.version where h.org_id = hold.org_id and h.id = hold.id;
  perform holdpoint.append_hold_event_v1(hold, command ->> 'eventId', 'action.executing', at,
    case when who.member_id is null then 'agent' else 'member' end, hold.requester, who.member_name, null, null,
    json_build_object('holdId', hold.id, 'claimId', command ->> 'claimId',
      'action', json_build_object('name', hold.action ->> 'name', 'arguments', hold.outcome -> 'arguments'),
      'actionHash', hold.outcome ->> 'actionHash'));
  return json_build_object('code', 'ok', 'claimId', command ->> 'claimId', 'hold', row_to_json(hold), 'now', at, 'issuedAt', at, 'expiresAt', until);
end $$;
revoke all on function holdpoint.claim_v1(json) from public;
grant execute on function holdpoint.claim_v1(json) to hp_app;
