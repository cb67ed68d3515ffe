-- A delegation with the names of its people.
create or replace function holdpoint.delegation_v1(given holdpoint.delegations) returns json
language sql stable set search_path = '' as $$
  select json_build_object('id', given.id,
    'from', (select json_build_object('id', m.id, 'name', m.name) from holdpoint.members m where m.org_id = given.org_id and m.id = given.from_member),
    'to', (select json_build_object('id', m.id, 'name', m.name) from holdpoint.members m where m.org_id = given.org_id and m.id = given.to_member),
    'startsAt', given.starts_at, 'endsAt', given.ends_at, 'createdAt', given.created_at, 'createdBy', given.created_by,
    'revokedAt', given.revoked_at)
$$;
revoke all on function holdpoint.delegation_v1(holdpoint.delegations) from public;
grant execute on function holdpoint.delegation_v1(holdpoint.delegations) to hp_app;
