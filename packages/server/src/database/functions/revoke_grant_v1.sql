-- Takes a standing permission back, for ever: an action that is about to proceed by it at this moment either has, or does
-- not. Repeating it changes nothing. command: {credentialHash, id, eventId}
create or replace function holdpoint.revoke_grant_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who holdpoint.principal;
  at timestamptz;
  given holdpoint.grants;
begin
  who := holdpoint.identify_v1(command ->> 'credentialHash');
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  select * into given from holdpoint.grants g where g.org_id = who.org_id and g.id = command ->> 'id' for update;
  if given.id is null then return json_build_object('code', 'not_found'); end if;
  -- Less is allowed afterwards, so more people may than may give one.
  if who.member_id is null or who.role = 'viewer' or who.role = 'reviewer' and given.created_by <> who.member_id then
    return json_build_object('code', 'not_allowed', 'needs', 'role manager, operator or admin, or whoever gave it');
  end if;
  at := holdpoint.hp_now();
  if given.revoked_at is not null then
    return json_build_object('code', 'repeated', 'now', at, 'grant', row_to_json(given));
  end if;
  update holdpoint.grants g set revoked_at = at, revoked_by = who.member_id, revoked_by_name = who.member_name
    where g.org_id = given.org_id and g.id = given.id returning g.* into given;
  perform holdpoint.move_policy_revision_v1(who.org_id);
  insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, action_name, hold_id, agent_id,
      end_user_id, data)
    values (given.org_id, command ->> 'eventId', 'grant.revoked', at, 'member', who.member_id, who.member_name, given.tool,
      given.from_hold_id, given.agent_id, given.end_user_id,
      json_build_object('grantId', given.id, 'tool', given.tool, 'usesLeft', given.uses_left, 'budgetLeft', given.budget_left));
  return json_build_object('code', 'ok', 'now', at, 'grant', row_to_json(given));
end $$;
revoke all on function holdpoint.revoke_grant_v1(json) from public;
grant execute on function holdpoint.revoke_grant_v1(json) to hp_app;
