-- End users as people: what the app knows of them, links to the page with their questions, and tokens for the app's own page.
--
-- Both are known by tables and functions of their own: nothing that knows keys and sessions (identify_v1) can take an end user
-- for a machine or a member, and nothing that knows end users can take those for one.
alter table holdpoint.end_users
  add column name text,
  add column email text,
  add column phone text,
  add column additional_data json not null default '{}',
  add column preferences json not null default '{}',
  -- Null while nothing was said of them.
  add column updated_at timestamptz;

-- A link names a place and proves nobody. The first device that brings the code is bound; its secret's hash is all that is kept.
create table holdpoint.end_user_links (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  end_user_id holdpoint.id not null,
  hash text collate "C" not null unique,
  -- Over the link's secret and the code, so that the few characters cannot be tried out on a copy of the database.
  code_hash text collate "C" not null,
  wrong_codes integer not null default 0,
  created_at timestamptz not null,
  created_by holdpoint.id not null,
  expires_at timestamptz not null,
  bound_at timestamptz,
  device_hash text collate "C" unique,
  ended_at timestamptz,
  revoked_at timestamptz,
  revoked_by holdpoint.id,
  idempotency_key text collate "C",
  body_hash text collate "C",
  primary key (org_id, id),
  check ((bound_at is null) = (device_hash is null))
);
create index end_user_links_by_end_user on holdpoint.end_user_links (end_user_id, id, org_id);
create unique index end_user_links_by_idempotency_key on holdpoint.end_user_links (org_id, idempotency_key) where idempotency_key is not null;

create table holdpoint.end_user_tokens (
  org_id holdpoint.id not null,
  hash text collate "C" not null primary key,
  end_user_id holdpoint.id not null,
  created_at timestamptz not null,
  created_by holdpoint.id not null,
  expires_at timestamptz not null,
  idempotency_key text collate "C",
  body_hash text collate "C"
);
create index end_user_tokens_by_end_user on holdpoint.end_user_tokens (end_user_id, org_id);
create unique index end_user_tokens_by_idempotency_key on holdpoint.end_user_tokens (org_id, idempotency_key) where idempotency_key is not null;

do $$
declare name text;
begin
  foreach name in array array['end_user_links', 'end_user_tokens'] loop
    execute format('alter table holdpoint.%I enable row level security', name);
    execute format('alter table holdpoint.%I force row level security', name);
    execute format($p$create policy tenant on holdpoint.%I to hp_app using (org_id = current_setting('hp.org_id', true))
      with check (org_id = current_setting('hp.org_id', true))$p$, name);
    execute format('create policy definer on holdpoint.%I to hp_definer using (true) with check (true)', name);
    execute format('grant select, insert, update, delete on holdpoint.%I to hp_app, hp_definer', name);
  end loop;
end $$;

-- A person's own questions, open and decided; holds without an end user pay for a comparison.
create index holds_open_of_end_user on holdpoint.holds (end_user_id, id, org_id) where status = 'pending' and end_user_id is not null;
create index holds_of_end_user on holdpoint.holds (end_user_id, id, org_id) where end_user_id is not null;

-- Who stands behind a link's device or a token. via: page | token.
create type holdpoint.end_user_principal as (
  org_id text, end_user_id text, name text, via text, verified_by text, vouched_by text);
