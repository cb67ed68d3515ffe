-- The audit log: a Merkle tree per organisation over its events. The event was written with its transition; the
-- sequencer adds its place in the tree afterwards, and only ever inserts here.

-- Erasing personal data is the one thing that changes what was recorded, so it has a role of its own, which only
-- erase_entries_v1 runs as.
do $$
begin
  begin
    if not exists (select from pg_roles where rolname = 'hp_eraser') then
      create role hp_eraser nologin;
    end if;
  exception when duplicate_object or unique_violation then null; -- another migrator was first
  end;
  -- Always: since PostgreSQL 16 whoever made a role is its admin, and still may not become it.
  grant hp_eraser to current_user;
end $$;
grant usage, create on schema holdpoint to hp_eraser;

-- The sequencer reads by transaction, over all organisations.
create index events_by_transaction on holdpoint.events (xid);

-- The place of an event in its organisation's log. A second sequencer, should there ever be one, fails on these keys
-- instead of making a second log.
create table holdpoint.audit_leaves (
  org_id holdpoint.id not null,
  index bigint not null check (index >= 0),
  event_id holdpoint.id not null,
  -- RFC 6962: SHA-256(0x00 || entry).
  hash bytea not null check (length(hash) = 32),
  -- What opens the entry's commitments: a salt for all, or what is left after an erasure.
  salt bytea check (length(salt) = 16),
  opening json,
  primary key (org_id, index),
  -- In this order: with org_id first, a planner without statistics may take either index for the other's lookups.
  unique (event_id, org_id),
  check ((salt is null) = (opening is not null))
);

-- Full tiles of 256 hashes (c2sp.org/tlog-tiles); what is not full is read from the leaves.
create table holdpoint.audit_tiles (
  org_id holdpoint.id not null,
  level smallint not null check (level between 0 and 7),
  index bigint not null check (index >= 0),
  hashes bytea not null check (length(hashes) = 8192),
  -- The hash that stands for this tile in the level above.
  root bytea not null check (length(root) = 32),
  primary key (org_id, level, index)
);

-- Signed tree heads. horizon: every event of an older transaction, of any organisation, had its leaf by then.
create table holdpoint.audit_checkpoints (
  org_id holdpoint.id not null,
  size bigint not null check (size > 0),
  -- The size of the checkpoint before: one that was taken out is missed.
  previous bigint check (previous < size),
  root bytea not null check (length(root) = 32),
  note text not null,
  -- The verifier key (c2sp.org/signed-note) of who signed: it changes when the installation's secret does.
  key text not null,
  horizon xid8 not null,
  position bigint generated always as identity unique,
  created_at timestamptz not null default holdpoint.hp_now(),
  primary key (org_id, size)
);

-- How far places elsewhere that cannot say it themselves (webhooks) have taken checkpoints.
create table holdpoint.audit_destinations (
  -- A hash of the address, which may hold a secret.
  name text collate "C" primary key,
  position bigint not null
);
alter table holdpoint.audit_destinations enable row level security;
alter table holdpoint.audit_destinations force row level security;
create policy definer on holdpoint.audit_destinations to hp_definer using (true) with check (true);
grant select, insert, update on holdpoint.audit_destinations to hp_definer;

do $$
declare name text;
begin
  foreach name in array array['audit_leaves', 'audit_tiles', 'audit_checkpoints'] loop
    execute format('alter table holdpoint.%I enable row level security', name);
    execute format('alter table holdpoint.%I force row level security', name);
    execute format($p$create policy tenant on holdpoint.%I to hp_app using (org_id = current_setting('hp.org_id', true))
      with check (org_id = current_setting('hp.org_id', true))$p$, name);
    execute format('create policy definer on holdpoint.%I to hp_definer using (true) with check (true)', name);
  end loop;
end $$;
grant select on holdpoint.audit_leaves, holdpoint.audit_tiles, holdpoint.audit_checkpoints to hp_app;
grant select, insert on holdpoint.audit_leaves, holdpoint.audit_tiles, holdpoint.audit_checkpoints to hp_definer;

create policy eraser on holdpoint.audit_leaves to hp_eraser using (true) with check (true);
create policy eraser on holdpoint.events to hp_eraser using (true) with check (true);
grant select on holdpoint.audit_leaves, holdpoint.events to hp_eraser;
grant update (salt, opening) on holdpoint.audit_leaves to hp_eraser;
grant update (action_hash, actor_id, actor_name, data, end_user_id, rationale, session_id) on holdpoint.events to hp_eraser;
