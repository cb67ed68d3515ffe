-- Identity. Schema `auth` is better-auth's: its tables exactly as its own generator makes them for the options in
-- identity/auth.ts (a test compares). Sign-in methods that come later (passkeys, OIDC, second factor) add their tables
-- here and all end in one row of auth.session, so nothing below changes with them.
create schema auth;
grant usage on schema auth to hp_app, hp_definer;

create table auth."user" (
  "id" text not null primary key,
  "name" text not null,
  "email" text not null unique,
  "emailVerified" boolean not null,
  "image" text,
  "createdAt" timestamptz default current_timestamp not null,
  "updatedAt" timestamptz default current_timestamp not null
);

create table auth."session" (
  "id" text not null primary key,
  "expiresAt" timestamptz not null,
  "token" text not null unique,
  "createdAt" timestamptz default current_timestamp not null,
  "updatedAt" timestamptz not null,
  "ipAddress" text,
  "userAgent" text,
  "userId" text not null references auth."user" ("id") on delete cascade
);
create index "session_userId_idx" on auth."session" ("userId");

create table auth."account" (
  "id" text not null primary key,
  "accountId" text not null,
  "providerId" text not null,
  "userId" text not null references auth."user" ("id") on delete cascade,
  "accessToken" text,
  "refreshToken" text,
  "idToken" text,
  "accessTokenExpiresAt" timestamptz,
  "refreshTokenExpiresAt" timestamptz,
  "scope" text,
  "password" text,
  "createdAt" timestamptz default current_timestamp not null,
  "updatedAt" timestamptz not null
);
create index "account_userId_idx" on auth."account" ("userId");

create table auth."verification" (
  "id" text not null primary key,
  "identifier" text not null,
  "value" text not null,
  "expiresAt" timestamptz not null,
  "createdAt" timestamptz default current_timestamp not null,
  "updatedAt" timestamptz default current_timestamp not null
);
create index "verification_identifier_idx" on auth."verification" ("identifier");

grant select, insert, update, delete on all tables in schema auth to hp_app, hp_definer;

-- A session's credential hash. The prefix keeps it apart from the hashes of keys: a token read out of auth.session
-- and sent as a bearer key is nobody. In the browser the token is signed besides, with a key that is not in here.
create function holdpoint.session_hash(token text) returns text
language sql immutable set search_path = '' as
$$ select 'session:' || encode(sha256(convert_to(token, 'UTF8')), 'hex') $$;

-- Whatever makes, moves or ends a session of better-auth's does the same to the one that requests are authenticated by,
-- in the same transaction. A user who is a member nowhere gets a session without any right.
create function holdpoint.mirror_session() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'UPDATE' and new."userId" = old."userId" then
    update holdpoint.member_sessions s set hash = holdpoint.session_hash(new.token), expires_at = new."expiresAt"
      where s.hash = holdpoint.session_hash(old.token);
    return null;
  end if;
  if tg_op <> 'INSERT' then
    delete from holdpoint.member_sessions s where s.hash = holdpoint.session_hash(old.token);
  end if;
  if tg_op <> 'DELETE' then
    insert into holdpoint.member_sessions (hash, org_id, member_id, signed_in_at, expires_at)
      select holdpoint.session_hash(new.token), m.org_id, m.id, holdpoint.hp_now(), new."expiresAt"
      from holdpoint.members m where m.user_id = new."userId" and m.removed_at is null
      order by m.created_at, m.id limit 1;
  end if;
  return null;
end $$;
alter function holdpoint.mirror_session() owner to hp_definer;
revoke all on function holdpoint.mirror_session() from public;
create trigger mirror_session after insert or update or delete on auth."session"
  for each row execute function holdpoint.mirror_session();

-- The trigger is the only writer.
revoke insert, update, delete on holdpoint.member_sessions from hp_app;

-- Who revoked a key: null when the service replaced it by another of the same source.
alter table holdpoint.api_keys
  add column revoked_by holdpoint.id,
  add column source text check (source in ('environment', 'local', 'example'));
create unique index api_keys_of_source on holdpoint.api_keys (org_id, source) where source is not null and revoked_at is null;

alter table holdpoint.members
  add column created_by holdpoint.id,
  add column removed_by holdpoint.id,
  add column idempotency_key text collate "C",
  add column body_hash text collate "C",
  add constraint members_idempotency unique (org_id, idempotency_key);

alter table holdpoint.sign_in_links
  add column created_by holdpoint.id,
  add column idempotency_key text collate "C",
  add column body_hash text collate "C",
  add constraint sign_in_links_idempotency unique (org_id, idempotency_key);
create index sign_in_links_by_member on holdpoint.sign_in_links (org_id, member_id);
grant select, insert on holdpoint.sign_in_links to hp_app;
