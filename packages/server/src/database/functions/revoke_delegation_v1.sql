-- Ends a delegation, at once: by whoever it is of, whoever stands in, or an admin. Repeating it changes nothing.
-- command: {credentialHash, id, eventId}
create or replace function holdpoint.revoke_delegation_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(command ->> 'credentialHash');
  at timestamptz;
  given holdpoint.delegations;
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  if who.member_id is null then return json_build_object('code', 'not_allowed', 'needs', 'person'); end if;
  select * into given from holdpoint.delegations d where d.org_id = who.org_id and d.id = command ->> 'id' for update;
  at := holdpoint.hp_now();
  if given.id is null then return json_build_object('code', 'not_found'); end if;
  if who.member_id not in (given.from_member, given.to_member) and who.role <> 'admin' then
    return json_build_object('code', 'not_allowed', 'needs', 'role admin, to end what is another''s');
  end if;
  if given.revoked_at is not null or given.ends_at <= at then
    return json_build_object('code', 'repeated', 'now', at, 'delegation', holdpoint.delegation_v1(given));
  end if;
  update holdpoint.delegations d set revoked_at = at, revoked_by = who.member_id
    where d.org_id = given.org_id and d.id = given.id returning * into given;
  update holdpoint.policies p set revision = p.revision + 1 where p.org_id = who.org_id;
  insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, data)
  values (who.org_id, command ->> 'eventId', 'delegation.revoked', at, 'member', who.member_id, who.member_name,
    holdpoint.delegation_v1(given));
  return json_build_object('code', 'ok', 'now', at, 'orgId', who.org_id, 'delegation', holdpoint.delegation_v1(given));
end $$;
revoke all on function holdpoint.revoke_delegation_v1(json) from public;
grant execute on function holdpoint.revoke_delegation_v1(json) to hp_app;
