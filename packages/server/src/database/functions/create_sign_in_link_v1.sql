-- Makes a one-time sign-in link for a member. Without a credential it is the service's own, for the first admin at start.
-- A member `me` is who asks. command: {credentialHash | orgId, memberId, linkHash, linkSeconds, idempotencyKey, bodyHash}
create or replace function holdpoint.create_sign_in_link_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  admin record;
  at timestamptz := holdpoint.hp_now();
  member holdpoint.members;
  link holdpoint.sign_in_links;
begin
  if command ->> 'orgId' is not null then
    select 'ok' as code, command ->> 'orgId' as org_id, null::text as member_id into admin;
    perform pg_catalog.set_config('hp.org_id', admin.org_id, true);
  else
    select * into admin from holdpoint.admin_v1(command ->> 'credentialHash');
  end if;
  if admin.code <> 'ok' then return json_build_object('code', admin.code); end if;
  select * into member from holdpoint.members m
    where m.org_id = admin.org_id and m.removed_at is null
      and m.id = case command ->> 'memberId' when 'me' then admin.member_id else command ->> 'memberId' end;
  if member.id is null then return json_build_object('code', 'not_found'); end if;
  insert into holdpoint.sign_in_links (hash, org_id, member_id, created_at, expires_at, created_by, idempotency_key, body_hash)
    values (command ->> 'linkHash', admin.org_id, member.id, at,
      at + make_interval(secs => (command ->> 'linkSeconds')::double precision), admin.member_id,
      command ->> 'idempotencyKey', command ->> 'bodyHash')
    on conflict do nothing returning * into link;
  if link.hash is not null then
    return json_build_object('code', 'ok', 'member', row_to_json(member), 'link', row_to_json(link));
  end if;
  select * into link from holdpoint.sign_in_links l
    where l.org_id = admin.org_id and (l.hash = command ->> 'linkHash' or l.idempotency_key = command ->> 'idempotencyKey');
  return json_build_object('member', row_to_json(member), 'link', row_to_json(link), 'code',
    case when link.body_hash is not distinct from command ->> 'bodyHash' then 'repeated' else 'idempotency_mismatch' end);
end $$;
revoke all on function holdpoint.create_sign_in_link_v1(json) from public;
grant execute on function holdpoint.create_sign_in_link_v1(json) to hp_app;
