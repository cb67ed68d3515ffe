-- The policy of an organisation: a document, versioned, every version kept. A row of holdpoint.policies is there from the
-- first change on; without one, version and revision are 0 and declarations and defaults decide alone.
create domain holdpoint.strength as smallint check (value between 0 and 3);
create domain holdpoint.policy_source as text check (value in ('config', 'api'));

create table holdpoint.policies (
  org_id holdpoint.id primary key,
  version integer not null,
  -- Moves with everything that an evaluation depends on: versions, grants, people. What was evaluated under another
  -- revision is refused and evaluated anew, so that what an instance remembers never decides.
  revision bigint not null,
  -- The version that runs beside and holds nothing.
  shadow_version integer,
  -- Of the config file's policy, as last taken over.
  config_hash text collate "C"
);

create table holdpoint.policy_versions (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  version integer not null,
  document json not null,
  source holdpoint.policy_source not null,
  comment text,
  created_at timestamptz not null,
  created_by holdpoint.id,
  created_by_name text,
  idempotency_key text collate "C",
  body_hash text collate "C",
  primary key (org_id, id),
  unique (version, org_id)
);
create unique index policy_versions_by_idempotency_key on holdpoint.policy_versions (org_id, idempotency_key) where idempotency_key is not null;

do $$
declare name text;
begin
  foreach name in array array['policies', 'policy_versions'] loop
    execute format('alter table holdpoint.%I enable row level security', name);
    execute format('alter table holdpoint.%I force row level security', name);
    execute format('create policy tenant on holdpoint.%I to hp_app using (org_id = current_setting(''hp.org_id'', true)) with check (org_id = current_setting(''hp.org_id'', true))', name);
    execute format('create policy definer on holdpoint.%I to hp_definer using (true) with check (true)', name);
  end loop;
end $$;
grant select, insert, update on holdpoint.policies to hp_app, hp_definer;
-- Every version is kept as it was.
grant select, insert on holdpoint.policy_versions to hp_app, hp_definer;

alter table holdpoint.holds
  -- The rule that decided; null where the declaration or the default map did.
  add column rule text,
  add column quorum_refusals holdpoint.quorum not null default 1,
  -- The least strength of a decision, as in L0 to L3.
  add column strength holdpoint.strength not null default 1,
  add column channels text[] not null default '{}',
  add column remind_every_seconds integer,
  -- When the next step of the ladder or a reminder is due.
  add column next_step_at timestamptz,
  -- What the policy was asked about: for asking it again under another version.
  add column facts json,
  add column may_grant boolean not null default false;
create index holds_next_step on holdpoint.holds (next_step_at) where status = 'pending' and next_step_at is not null;
