-- A person gives a standing permission: for a decision on a hold to stand, or, as operator or admin, for a tool. From the
-- next evaluation on, on every instance, it counts.
--
-- command: {credentialHash, id, eventId, holdId, tool, condition, agentId, endUserId, expiresInSeconds, uses, budget, reason,
--   idempotencyKey, bodyHash}
-- Answers {code: "ok" | "repeated", grant} or a refusal: "not_approved" (the hold is not), "not_allowed" with needs.
create or replace function holdpoint.create_grant_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who holdpoint.principal;
  at timestamptz;
  hold holdpoint.holds;
  given holdpoint.grants;
  may boolean;
begin
  who := holdpoint.identify_v1(command ->> 'credentialHash');
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  -- I9: what a machine's credential asks for, it does not permit itself.
  if who.member_id is null then return json_build_object('code', 'not_allowed', 'needs', 'person'); end if;
  at := holdpoint.hp_now();
  select * into given from holdpoint.grants g
    where g.org_id = who.org_id and (g.id = command ->> 'id' or g.idempotency_key = command ->> 'idempotencyKey');
  if given.id is not null then
    return json_build_object('now', at, 'grant', row_to_json(given), 'code',
      case when given.body_hash is not distinct from command ->> 'bodyHash' and given.created_by = who.member_id
        then 'repeated' else 'idempotency_mismatch' end);
  end if;

  if command ->> 'holdId' is null then
    if who.role not in ('operator', 'admin') then
      return json_build_object('code', 'not_allowed', 'needs', 'role operator or admin');
    end if;
    given.route := json_build_object('role', who.role);
    given.quorum_required := 1;
    given.strength := 1;
  else
    select * into hold from holdpoint.holds h where h.org_id = who.org_id and h.id = command ->> 'holdId';
    if hold.id is null then return json_build_object('code', 'not_found'); end if;
    -- I9: not whoever asked, not even with an operator key; and not whoever started the run, where separation says so.
    if hold.requester_member_id is not distinct from who.member_id
      or hold.separation = 'starter' and hold.starter_member_id is not distinct from who.member_id then
      return json_build_object('code', 'not_allowed', 'needs', 'another person');
    end if;
    -- Whoever may decide it: by role, or, where people or groups are asked, because they were counted for its release and may
    -- decide it still. What took several people is not made to stand by one of them alone.
    may := hold.route_role is not null and holdpoint.may_decide_v1(who.role, hold.route_role)
      or not holdpoint.entitlement_lost_v1(hold, at)
        and exists (select from json_array_elements(hold.released_by) counted where counted ->> 'by' = who.member_id);
    if not may then
      return json_build_object('code', 'not_allowed',
        'needs', coalesce('role ' || hold.route_role, 'a person who has approved the hold'));
    end if;
    if (hold.quorum_required > 1 or json_array_length(hold.released_by) > 1) and who.role not in ('operator', 'admin') then
      return json_build_object('code', 'not_allowed', 'needs', 'role operator or admin');
    end if;
    if hold.kind <> 'approval' or hold.status not in ('approved', 'modified') then
      return json_build_object('code', 'not_approved', 'status', hold.status);
    end if;
    if hold.strength > 1 and (hold.strength > 2 or who.signed_in_at is null or who.signed_in_at <= at - interval '5 minutes') then
      return json_build_object('code', 'not_strong_enough', 'needs', 'L' || hold.strength);
    end if;
    if not hold.may_grant then return json_build_object('code', 'grant_not_offered'); end if;
    given.route := hold.route;
    given.quorum_required := hold.quorum_required;
    given.strength := hold.strength;
  end if;

  given.org_id := who.org_id;
  given.id := command ->> 'id';
  given.tool := coalesce(hold.action ->> 'name', command ->> 'tool');
  given.condition := command ->> 'condition';
  given.agent_id := command ->> 'agentId';
  given.end_user_id := command ->> 'endUserId';
  given.expires_at := at + make_interval(secs => (command ->> 'expiresInSeconds')::double precision);
  given.uses := (command ->> 'uses')::integer;
  given.uses_left := given.uses;
  given.budget := (command ->> 'budget')::numeric;
  given.budget_left := given.budget;
  given.from_hold_id := hold.id;
  given.reason := command ->> 'reason';
  given.created_at := at;
  given.created_by := who.member_id;
  given.created_by_name := who.member_name;
  given.idempotency_key := command ->> 'idempotencyKey';
  given.body_hash := command ->> 'bodyHash';
  insert into holdpoint.grants select (given).* on conflict do nothing;
  -- The same key, at the same moment.
  if not found then return json_build_object('code', 'in_progress'); end if;
  perform holdpoint.move_policy_revision_v1(who.org_id);
  insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, rationale, action_name,
      hold_id, agent_id, end_user_id, data)
    values (given.org_id, command ->> 'eventId', 'grant.created', at, 'member', who.member_id, who.member_name, given.reason,
      given.tool, given.from_hold_id, given.agent_id, given.end_user_id,
      json_build_object('grantId', given.id, 'tool', given.tool, 'condition', given.condition, 'agentId', given.agent_id,
        'endUserId', given.end_user_id, 'expiresAt', given.expires_at, 'uses', given.uses, 'budget', given.budget,
        'route', given.route, 'quorumRequired', given.quorum_required, 'fromHoldId', given.from_hold_id, 'reason', given.reason));
  return json_build_object('code', 'ok', 'now', at, 'grant', row_to_json(given));
end $$;
revoke all on function holdpoint.create_grant_v1(json) from public;
grant execute on function holdpoint.create_grant_v1(json) to hp_app;
