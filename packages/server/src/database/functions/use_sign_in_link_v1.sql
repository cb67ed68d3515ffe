-- Uses a sign-in link, once: the link is spent and the session made in one transaction, and of any number at the same time
-- one wins. command: {linkHash, sessionId, token, sessionSeconds, ipAddress, userAgent}
-- Answers {code: "ok", orgId, memberId, expiresAt} or {code: "used" | "expired" | "not_found"}.
create or replace function holdpoint.use_sign_in_link_v1(command json) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare
  at timestamptz;
  until timestamptz;
  link holdpoint.sign_in_links;
  member holdpoint.members;
begin
  select * into link from holdpoint.sign_in_links l where l.hash = command ->> 'linkHash' for update;
  at := holdpoint.hp_now();
  select * into member from holdpoint.members m
    where m.org_id = link.org_id and m.id = link.member_id and m.removed_at is null for share;
  if member.id is null then return json_build_object('code', 'not_found'); end if;
  -- A call repeated after a lost connection brings the same session.
  select s."expiresAt" into until from auth."session" s where s."id" = command ->> 'sessionId' and s."userId" = member.user_id;
  if until is not null then
    return json_build_object('code', 'ok', 'orgId', link.org_id, 'memberId', link.member_id, 'expiresAt', until);
  end if;
  if link.used_at is not null then return json_build_object('code', 'used'); end if;
  if link.expires_at <= at then return json_build_object('code', 'expired'); end if;
  update holdpoint.sign_in_links l set used_at = at where l.hash = link.hash;
  until := at + make_interval(secs => (command ->> 'sessionSeconds')::double precision);
  -- The trigger on auth.session writes the session that requests are authenticated by.
  insert into auth."session" ("id", "token", "userId", "expiresAt", "createdAt", "updatedAt", "ipAddress", "userAgent")
    values (command ->> 'sessionId', command ->> 'token', member.user_id, until, at, at, command ->> 'ipAddress', command ->> 'userAgent');
  -- What this person left behind goes here, so that nothing has to sweep.
  delete from auth."session" s where s."userId" = member.user_id and s."expiresAt" < at;
  delete from holdpoint.sign_in_links l
    where l.org_id = link.org_id and l.member_id = link.member_id and l.expires_at < at - interval '30 days';
  return json_build_object('code', 'ok', 'orgId', link.org_id, 'memberId', link.member_id, 'expiresAt', until);
end $$;
alter function holdpoint.use_sign_in_link_v1(json) owner to hp_definer;
revoke all on function holdpoint.use_sign_in_link_v1(json) from public;
grant execute on function holdpoint.use_sign_in_link_v1(json) to hp_app;
