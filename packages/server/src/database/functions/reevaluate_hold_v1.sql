-- A pending hold under another version of the policy (I8). Where that makes another gate of it, votes given before count no
-- more (they carry the version that they were given for), and it is asked as the policy now wants it.
-- command: {orgId, holdId, holdVersion, policyVersion, policyRevision, eventId,
--   change?: {columns of holds}, timeoutSeconds, respondSeconds, before, after}
-- Without a change it only notes that the hold was looked at under that version.
-- Answers {code: "ok", hold} or {code: "gone" | "policy_outdated"}; gone: decided, due, or changed by somebody else.
create or replace function holdpoint.reevaluate_hold_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  hold holdpoint.holds;
  at timestamptz;
begin
  perform pg_catalog.set_config('hp.org_id', command ->> 'orgId', true);
  select * into hold from holdpoint.holds h where h.org_id = command ->> 'orgId' and h.id = command ->> 'holdId' for update;
  at := holdpoint.hp_now();
  if hold.id is null or hold.status <> 'pending' or hold.version <> (command ->> 'holdVersion')::integer
    or hold.expires_at <= at or hold.policy_version >= (command ->> 'policyVersion')::integer then
    return json_build_object('code', 'gone');
  end if;
  if (command ->> 'policyRevision')::bigint is distinct from (select p.revision from holdpoint.policies p where p.org_id = hold.org_id) then
    return json_build_object('code', 'policy_outdated');
  end if;
  if command -> 'change' is null then
    update holdpoint.holds h set policy_version = (command ->> 'policyVersion')::integer where h.org_id = hold.org_id and h.id = hold.id;
    return json_build_object('code', 'ok');
  end if;
  hold := json_populate_record(hold, command -> 'change');
  hold.policy_version := (command ->> 'policyVersion')::integer;
  hold.version := hold.version + 1;
  -- Votes for an earlier version were for something else.
  hold.votes_since := hold.version;
  hold.ladder_asked_at := null;
  hold.escalated_at := null;
  hold.expires_at := at + make_interval(secs => (command ->> 'timeoutSeconds')::double precision);
  hold.respond_by := least(hold.expires_at, at + make_interval(secs => (command ->> 'respondSeconds')::double precision));
  hold.next_step_at := case when hold.step_seconds is not null or hold.remind_every_seconds is not null
    then holdpoint.next_step_v1(hold, at, at) end;
  update holdpoint.holds h set version = hold.version, policy_version = hold.policy_version, tier = hold.tier, level = hold.level,
      rule = hold.rule, route = hold.route, route_role = hold.route_role, separation = hold.separation,
      quorum_required = hold.quorum_required, quorum_refusals = hold.quorum_refusals, strength = hold.strength,
      channels = hold.channels, remind_every_seconds = hold.remind_every_seconds, next_step_at = hold.next_step_at,
      ladder = hold.ladder, step_seconds = hold.step_seconds, askable = hold.askable, votes_since = hold.votes_since,
      ladder_asked_at = hold.ladder_asked_at, escalated_at = hold.escalated_at, may_grant = hold.may_grant, reasons = hold.reasons, reversibility = hold.reversibility, impact = hold.impact,
      on_timeout = hold.on_timeout, expires_at = hold.expires_at, respond_by = hold.respond_by
    where h.org_id = hold.org_id and h.id = hold.id;
  perform holdpoint.append_hold_event_v1(hold, command ->> 'eventId', 'hold.reevaluated', at, 'system', 'system', 'policy', null, null,
    json_build_object('holdId', hold.id, 'title', hold.title, 'action', hold.action, 'actionHash', hold.action_hash,
      'policyVersion', hold.policy_version, 'before', command -> 'before', 'after', command -> 'after',
      'expiresAt', hold.expires_at, 'toolCallId', hold.tool_call_id));
  return json_build_object('code', 'ok', 'now', at, 'hold', row_to_json(hold));
end $$;
revoke all on function holdpoint.reevaluate_hold_v1(json) from public;
grant execute on function holdpoint.reevaluate_hold_v1(json) to hp_app;
