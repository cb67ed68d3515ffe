-- Adds a person, with a sign-in link. A person who was removed comes back as the same member: one human counts once (I9).
-- command: {credentialHash, memberId, userId, email, name, role, linkHash, linkSeconds, idempotencyKey, bodyHash}
create or replace function holdpoint.add_member_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  admin record;
  at timestamptz := holdpoint.hp_now();
  person text;
  member holdpoint.members;
  link holdpoint.sign_in_links;
begin
  select * into admin from holdpoint.admin_v1(command ->> 'credentialHash');
  if admin.code <> 'ok' then return json_build_object('code', admin.code); end if;
  -- The unique mail address is the lock: of two equal requests the second waits here for the first.
  insert into auth."user" ("id", "name", "email", "emailVerified", "createdAt", "updatedAt")
    values (command ->> 'userId', command ->> 'name', command ->> 'email', false, at, at) on conflict ("email") do nothing;
  select u."id" into person from auth."user" u where u."email" = command ->> 'email';
  select * into link from holdpoint.sign_in_links l where l.org_id = admin.org_id and l.hash = command ->> 'linkHash';
  select * into member from holdpoint.members m
    where m.org_id = admin.org_id and (m.id = link.member_id or m.idempotency_key = command ->> 'idempotencyKey');
  if member.id is not null then
    return json_build_object('member', row_to_json(member), 'link', row_to_json(link), 'code',
      case when member.body_hash is not distinct from command ->> 'bodyHash' then 'repeated' else 'idempotency_mismatch' end);
  end if;
  insert into holdpoint.members as m (org_id, id, user_id, name, email, role, created_at, created_by, idempotency_key, body_hash)
    values (admin.org_id, command ->> 'memberId', person, command ->> 'name', command ->> 'email', command ->> 'role', at,
      admin.member_id, command ->> 'idempotencyKey', command ->> 'bodyHash')
    on conflict (org_id, user_id) do update set name = excluded.name, role = excluded.role, removed_at = null, removed_by = null,
      created_by = excluded.created_by, idempotency_key = excluded.idempotency_key, body_hash = excluded.body_hash
      where m.removed_at is not null
    returning * into member;
  if member.id is null then
    select * into member from holdpoint.members m where m.org_id = admin.org_id and m.user_id = person;
    return json_build_object('code', 'conflict', 'member', row_to_json(member));
  end if;
  -- Who comes back starts with nothing: neither keys nor sessions of before come back with them.
  if member.id <> command ->> 'memberId' then
    update holdpoint.api_keys k set revoked_at = at, revoked_by = admin.member_id
      where k.org_id = member.org_id and k.member_id = member.id and k.revoked_at is null;
    delete from auth."session" s using holdpoint.member_sessions ms
      where s."userId" = member.user_id and ms.org_id = member.org_id and ms.member_id = member.id
        and ms.hash = holdpoint.session_hash(s."token");
  end if;
  insert into holdpoint.sign_in_links (hash, org_id, member_id, created_at, expires_at, created_by)
    values (command ->> 'linkHash', admin.org_id, member.id, at,
      at + make_interval(secs => (command ->> 'linkSeconds')::double precision), admin.member_id) returning * into link;
  return json_build_object('code', 'ok', 'member', row_to_json(member), 'link', row_to_json(link));
end $$;
revoke all on function holdpoint.add_member_v1(json) from public;
grant execute on function holdpoint.add_member_v1(json) to hp_app;
