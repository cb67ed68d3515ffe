-- The organisation and the admin that a new installation starts with. Repeating it makes nothing: it answers the oldest
-- organisation and its longest-serving admin. command: {orgId, orgName, memberId, userId, email, name}
create or replace function holdpoint.ensure_first_admin_v1(command json) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare
  at timestamptz;
  org holdpoint.organisations;
  member holdpoint.members;
  is_new boolean := false;
begin
  perform pg_advisory_xact_lock(hashtext('holdpoint.first_admin'));
  at := holdpoint.hp_now();
  select * into org from holdpoint.organisations o order by o.created_at, o.id limit 1;
  if org.id is null then
    insert into holdpoint.organisations (id, name, created_at)
      values (command ->> 'orgId', command ->> 'orgName', at) returning * into org;
  end if;
  select * into member from holdpoint.members m
    where m.org_id = org.id and m.role = 'admin' and m.removed_at is null order by m.created_at, m.id limit 1;
  if member.id is null then
    is_new := true;
    insert into auth."user" ("id", "name", "email", "emailVerified", "createdAt", "updatedAt")
      values (command ->> 'userId', command ->> 'name', command ->> 'email', false, at, at) on conflict ("email") do nothing;
    insert into holdpoint.members (org_id, id, user_id, name, email, role, created_at)
      select org.id, command ->> 'memberId', u."id", command ->> 'name', u."email", 'admin', at
      from auth."user" u where u."email" = command ->> 'email'
      on conflict (org_id, user_id) do update set role = 'admin', removed_at = null, removed_by = null
      returning * into member;
  end if;
  return json_build_object('code', 'ok', 'orgId', org.id, 'member', row_to_json(member), 'isNew', is_new);
end $$;
alter function holdpoint.ensure_first_admin_v1(json) owner to hp_definer;
revoke all on function holdpoint.ensure_first_admin_v1(json) from public;
grant execute on function holdpoint.ensure_first_admin_v1(json) to hp_app;
