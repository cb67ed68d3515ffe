-- Removes a person and, in the same transaction, every way in: sessions, operator keys, unused sign-in links (which ask for
-- a member). The last admin stays. Repeating it changes nothing. command: {credentialHash, id}
create or replace function holdpoint.remove_member_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  admin record;
  at timestamptz;
  member holdpoint.members;
begin
  select * into admin from holdpoint.admin_v1(command ->> 'credentialHash');
  if admin.code <> 'ok' then return json_build_object('code', admin.code); end if;
  -- All admins are locked, in one order: two of them removing each other cannot leave none.
  perform from holdpoint.members m
    where m.org_id = admin.org_id and (m.id = command ->> 'id' or m.role = 'admin' and m.removed_at is null) order by m.id for update;
  at := holdpoint.hp_now();
  -- Read again under the lock: the remover may have been removed meanwhile.
  select * into admin from holdpoint.admin_v1(command ->> 'credentialHash');
  if admin.code <> 'ok' then return json_build_object('code', admin.code); end if;
  select * into member from holdpoint.members m where m.org_id = admin.org_id and m.id = command ->> 'id';
  if member.id is null then return json_build_object('code', 'not_found'); end if;
  if member.removed_at is null and member.role = 'admin' and not exists (
    select from holdpoint.members m where m.org_id = admin.org_id and m.role = 'admin' and m.removed_at is null and m.id <> member.id
  ) then
    return json_build_object('code', 'conflict', 'member', row_to_json(member));
  end if;
  delete from auth."session" s using holdpoint.member_sessions ms
    where s."userId" = member.user_id and ms.org_id = member.org_id and ms.member_id = member.id
      and ms.hash = holdpoint.session_hash(s."token");
  update holdpoint.api_keys k set revoked_at = at, revoked_by = admin.member_id
    where k.org_id = member.org_id and k.member_id = member.id and k.revoked_at is null;
  update holdpoint.members m set removed_at = coalesce(m.removed_at, at), removed_by = coalesce(m.removed_by, admin.member_id)
    where m.org_id = member.org_id and m.id = member.id returning * into member;
  return json_build_object('code', 'ok', 'member', row_to_json(member));
end $$;
revoke all on function holdpoint.remove_member_v1(json) from public;
grant execute on function holdpoint.remove_member_v1(json) to hp_app;
