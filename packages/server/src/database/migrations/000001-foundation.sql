-- The foundation: roles, the clock, tenants' tables, row-level security.
--
-- Roles: the migrator (whoever runs this) owns the tables; hp_definer owns the few functions that cross
-- organisations; hp_app is the service at work, always under row-level security (I7); hp_tools is what a
-- tool's own SQL runs as, and sees nothing of Holdpoint's.
-- Roles belong to the whole cluster, so a second database finds them there already.
do $$
declare name text;
begin
  foreach name in array array['hp_app', 'hp_definer', 'hp_tools'] loop
    begin
      if not exists (select from pg_roles where rolname = name) then
        execute format('create role %I nologin', name);
      end if;
    exception when duplicate_object or unique_violation then null; -- another migrator was first
    end;
    -- Always: since PostgreSQL 16 whoever made a role is its admin, and still may not become it.
    execute format('grant %I to current_user', name);
  end loop;
  if not pg_has_role('hp_app', 'hp_tools', 'member') then
    grant hp_tools to hp_app;
  end if;
end $$;

create schema if not exists holdpoint;
grant usage on schema holdpoint to hp_app;
grant usage, create on schema holdpoint to hp_definer;
grant usage on schema public to hp_tools;

-- Time that decides is the database's. Without settings of its own this function is inlined and costs nothing; one that
-- looked a shift up in a table cost 23 us a call.
create function holdpoint.hp_now() returns timestamptz
language sql volatile parallel restricted as $$ select pg_catalog.clock_timestamp() $$;

-- For tests, and only for the owner: puts a shifted clock in place of the function. Null puts the true one back.
create function holdpoint.set_test_clock(instant text) returns void
language plpgsql set search_path = '' as $$
begin
  execute format('create or replace function holdpoint.hp_now() returns timestamptz language sql volatile parallel restricted as %L',
    case when instant is null then 'select pg_catalog.clock_timestamp()'
      else format('select pg_catalog.clock_timestamp() operator(pg_catalog.+) interval %L', instant::timestamptz - clock_timestamp()) end);
end $$;
revoke all on function holdpoint.set_test_clock(text) from public;

create domain holdpoint.id as text collate "C";

-- Vocabularies are domains, not CHECKs of tables: PostgreSQL parses and plans every CHECK of a table anew in each insert and
-- update (52 us a row for the dozen of holds, measured), a domain once in a session, when a value becomes one of its.
create domain holdpoint.member_role as text check (value in ('viewer', 'reviewer', 'manager', 'operator', 'admin'));
create domain holdpoint.key_kind as text check (value in ('agent', 'operator', 'relay'));
create domain holdpoint.hold_kind as text check (value in ('approval', 'clarification', 'authorization', 'escalation'));
create domain holdpoint.hold_status as text check (value in ('pending', 'approved', 'modified', 'rejected', 'skipped', 'answered', 'expired', 'cancelled'));
create domain holdpoint.reversibility as text check (value in ('reversible', 'partially_reversible', 'irreversible'));
create domain holdpoint.impact as text check (value in ('low', 'medium', 'high'));
create domain holdpoint.tier as text check (value in ('automated', 'async_review', 'sync_gate', 'escalation'));
create domain holdpoint.route_role as text check (value in ('reviewer', 'manager', 'operator', 'admin'));
create domain holdpoint.separation as text check (value in ('requester', 'strict', 'starter'));
create domain holdpoint.quorum as integer check (value >= 1);
create domain holdpoint.requester_kind as text check (value in ('agent', 'member', 'operator_key'));
create domain holdpoint.on_timeout as text check (value in ('reject', 'skip', 'hold', 'escalate', 'approve'));
create domain holdpoint.fulfilment as text check (value in ('none', 'waiting', 'delivered', 'executing', 'executed', 'failed', 'unknown'));
create domain holdpoint.verdict as text check (value in ('approve', 'modify', 'reject', 'skip', 'answer'));
create domain holdpoint.run_status as text check (value in ('queued', 'running', 'holding', 'paused', 'completed', 'failed', 'cancelled'));
create domain holdpoint.step_status as text check (value in ('running', 'completed', 'failed'));
create domain holdpoint.message_role as text check (value in ('system', 'user', 'assistant', 'tool'));
create domain holdpoint.call_status as text check (value in ('proposed', 'gated', 'approved', 'rejected', 'skipped', 'expired', 'cancelled', 'executing', 'suspended', 'succeeded', 'failed', 'unknown'));
create domain holdpoint.actor_kind as text check (value in ('member', 'agent', 'system', 'end_user'));

-- Keys and indexes besides a primary key have org_id last. While a table was never analyzed, the planner takes any two indexes
-- that begin with org_id for equally good, and a statement that looks for an id may go through a whole organisation.
create table holdpoint.organisations (
  id holdpoint.id primary key,
  name text not null,
  created_at timestamptz not null default clock_timestamp()
);

-- People who decide or operate. Sign-in belongs to the identity schema; what they may do here is ours.
create table holdpoint.members (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  user_id holdpoint.id not null,
  name text not null,
  email text not null,
  role holdpoint.member_role not null,
  created_at timestamptz not null default clock_timestamp(),
  removed_at timestamptz,
  primary key (org_id, id),
  unique (user_id, org_id)
);

-- Machine credentials. Only the hash is stored. An operator key acts as a member; an agent key never decides (I9).
create table holdpoint.api_keys (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  hash text collate "C" not null unique,
  name text not null,
  kind holdpoint.key_kind not null,
  agent_id holdpoint.id,
  member_id holdpoint.id,
  scopes text[] not null,
  created_at timestamptz not null default clock_timestamp(),
  created_by holdpoint.id,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  idempotency_key text collate "C",
  body_hash text collate "C",
  primary key (org_id, id),
  check (kind <> 'operator' or member_id is not null)
);
create unique index api_keys_by_idempotency_key on holdpoint.api_keys (org_id, idempotency_key) where idempotency_key is not null;

-- Browser sessions, by the hash of their token; written and deleted with the sign-in that made them, so that
-- revocation is exact and a request needs no call to the identity library.
create table holdpoint.member_sessions (
  hash text collate "C" primary key,
  org_id holdpoint.id not null,
  member_id holdpoint.id not null,
  signed_in_at timestamptz not null,
  expires_at timestamptz not null
);
create index member_sessions_by_member on holdpoint.member_sessions (org_id, member_id);

-- One-time sign-in links. Used once, by a press (never by a GET).
create table holdpoint.sign_in_links (
  hash text collate "C" primary key,
  org_id holdpoint.id not null,
  member_id holdpoint.id not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  used_at timestamptz
);

create table holdpoint.end_users (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (org_id, id)
);

create table holdpoint.sessions (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  end_user_id holdpoint.id,
  created_at timestamptz not null default clock_timestamp(),
  primary key (org_id, id)
);

create table holdpoint.holds (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  kind holdpoint.hold_kind not null,
  status holdpoint.hold_status not null default 'pending',
  version integer not null default 1,
  title text not null,
  summary text,
  details json,
  evidence json,
  -- {name, arguments} as they would be executed; never changes (I8).
  action json,
  action_hash text collate "C",
  tool_hash text collate "C",
  action_schema json,
  reversibility holdpoint.reversibility,
  impact holdpoint.impact,
  value double precision,
  question json,
  verdicts text[] not null,
  tier holdpoint.tier not null,
  route json not null,
  -- The least role that may decide, taken out of the route for the guard.
  route_role holdpoint.route_role,
  separation holdpoint.separation not null default 'requester',
  quorum_required holdpoint.quorum not null default 1,
  reasons json not null,
  policy_version integer not null default 0,
  -- The principal that proposed the action (I9), and the member behind it when there is one.
  requester text not null,
  requester_kind holdpoint.requester_kind not null,
  requester_member_id holdpoint.id,
  -- Who started the run, for routes that keep them apart too.
  starter_member_id holdpoint.id,
  agent_id holdpoint.id,
  run_id holdpoint.id,
  tool_call_id holdpoint.id,
  session_id holdpoint.id,
  end_user_id holdpoint.id,
  transaction_id holdpoint.id,
  metadata json,
  created_at timestamptz not null,
  respond_by timestamptz,
  expires_at timestamptz,
  on_timeout holdpoint.on_timeout not null,
  decided_at timestamptz,
  -- {verdict, arguments, actionHash, answer, comment, by: {id, name, via, verifiedBy}}
  outcome json,
  fulfilment holdpoint.fulfilment not null default 'none',
  -- {result} or {error}, as the executor reported it.
  execution json,
  idempotency_key text collate "C",
  body_hash text collate "C",
  primary key (org_id, id)
);
-- What holds of every hold, whatever a function does. A restrictive policy and not a CHECK, because it is planned once in a
-- session where a CHECK is parsed anew in every insert and update (45 us a cycle, measured); who writes is forced under it.
create policy action_has_its_hash on holdpoint.holds as restrictive to hp_app, hp_definer using (true)
  with check (action is null or action_hash is not null);
create policy pending_until_decided on holdpoint.holds as restrictive to hp_app, hp_definer using (true)
  with check ((status = 'pending') = (decided_at is null));
create policy only_the_reversible_approves_itself on holdpoint.holds as restrictive to hp_app, hp_definer using (true)
  with check (on_timeout <> 'approve' or reversibility = 'reversible');
create unique index holds_by_idempotency_key on holdpoint.holds (org_id, idempotency_key) where idempotency_key is not null;
create index holds_open on holdpoint.holds (org_id, id) where status = 'pending';
create index holds_due on holdpoint.holds (expires_at) where status = 'pending' and expires_at is not null;
create index holds_by_run on holdpoint.holds (run_id, org_id) where run_id is not null;
create index holds_unfulfilled on holdpoint.holds (org_id, id) where fulfilment in ('waiting', 'delivered', 'executing', 'unknown');

-- What one person said. Append-only. R98: who, how verified, when, what was shown.
create table holdpoint.decisions (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  hold_id holdpoint.id not null,
  verdict holdpoint.verdict not null,
  by_id holdpoint.id not null,
  by_name text not null,
  via text not null,
  verified_by text not null,
  strength smallint not null,
  is_self_decided boolean not null,
  action_hash text collate "C",
  arguments json,
  answer json,
  comment text,
  original_text text,
  created_at timestamptz not null,
  idempotency_key text collate "C",
  body_hash text collate "C",
  primary key (org_id, id)
);
create unique index decisions_by_idempotency_key on holdpoint.decisions (org_id, idempotency_key) where idempotency_key is not null;
create index decisions_by_hold on holdpoint.decisions (hold_id, org_id);

-- The single-use right to execute (I1, I2). The key makes a second redemption of one attempt impossible.
-- A call that may run by itself has a claim without a hold.
create table holdpoint.claims (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  hold_id holdpoint.id,
  tool_call_id holdpoint.id,
  attempt integer not null default 1,
  action_hash text collate "C" not null,
  run_id holdpoint.id,
  redeemed_by text not null,
  redeemed_at timestamptz not null,
  expires_at timestamptz not null,
  reasons json,
  idempotency_key text collate "C",
  body_hash text collate "C",
  primary key (org_id, id),
  unique (hold_id, attempt, org_id),
  unique (tool_call_id, attempt, org_id)
);
create index claims_by_end on holdpoint.claims (expires_at) where hold_id is not null;
create unique index claims_by_idempotency_key on holdpoint.claims (org_id, idempotency_key) where idempotency_key is not null;

create table holdpoint.runs (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  agent_id holdpoint.id not null,
  status holdpoint.run_status not null default 'queued',
  version integer not null default 1,
  input json not null,
  output json,
  error json,
  end_reason text,
  session_id holdpoint.id,
  end_user_id holdpoint.id,
  metadata json,
  model text,
  step integer not null default 0,
  max_steps integer not null,
  model_attempts integer not null default 0,
  usage json,
  -- Who asked for the run.
  starter text not null,
  starter_kind holdpoint.requester_kind not null,
  starter_name text,
  starter_member_id holdpoint.id,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  -- The lease: taken with SKIP LOCKED, fenced by the epoch. advance_at is set whenever there is something to do.
  advance_at timestamptz,
  lease_owner text,
  lease_until timestamptz,
  lease_epoch integer not null default 0,
  -- The id of the last commit, so that one repeated after a lost connection is known.
  last_commit text collate "C",
  pause_requested boolean not null default false,
  cancel_requested boolean not null default false,
  idempotency_key text collate "C",
  body_hash text collate "C",
  primary key (org_id, id)
);
create unique index runs_by_idempotency_key on holdpoint.runs (org_id, idempotency_key) where idempotency_key is not null;
create index runs_to_advance on holdpoint.runs (advance_at) where advance_at is not null;
create index runs_leased on holdpoint.runs (lease_until) where lease_until is not null;
create index runs_by_session on holdpoint.runs (org_id, session_id, id) where session_id is not null;

create table holdpoint.steps (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  run_id holdpoint.id not null,
  position integer not null,
  status holdpoint.step_status not null,
  model text not null,
  -- The text of the turn so far; grows while the model speaks.
  text text not null default '',
  finish_reason text,
  usage json,
  error json,
  started_at timestamptz not null,
  ended_at timestamptz,
  primary key (org_id, id),
  unique (run_id, position, org_id)
);

-- Messages exactly as the model library gives and takes them.
create table holdpoint.messages (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  run_id holdpoint.id not null,
  position integer not null,
  role holdpoint.message_role not null,
  message json not null,
  created_at timestamptz not null,
  primary key (org_id, id),
  unique (run_id, position, org_id)
);

create table holdpoint.tool_calls (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  run_id holdpoint.id not null,
  step integer not null,
  position integer not null,
  -- The id by which the model pairs call and result.
  provider_call_id text not null,
  name text not null,
  arguments json not null,
  status holdpoint.call_status not null,
  hold_id holdpoint.id,
  action_hash text collate "C",
  tool_hash text collate "C",
  attempt integer not null default 0,
  result json,
  error json,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  primary key (org_id, id),
  unique (run_id, step, position, org_id)
);

-- Model calls left, shared by all instances: a token bucket a limit.
create table holdpoint.model_limits (
  name text collate "C" primary key,
  tokens double precision not null,
  updated_at timestamptz not null
);

-- The log of everything that happened: stream, webhooks and audit read this one table. Append-only (I5).
-- xid orders what may be read safely: ids alone lose events whose transaction commits late (I12).
create table holdpoint.events (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  xid xid8 not null default pg_current_xact_id(),
  type text not null,
  created_at timestamptz not null,
  actor_kind holdpoint.actor_kind not null,
  actor_id holdpoint.id,
  actor_name text,
  decision text,
  rationale text,
  action_name text,
  action_hash text collate "C",
  hold_id holdpoint.id,
  run_id holdpoint.id,
  tool_call_id holdpoint.id,
  session_id holdpoint.id,
  agent_id holdpoint.id,
  end_user_id holdpoint.id,
  data json not null,
  primary key (org_id, id)
) partition by range (id);
-- R98: a person's decision never lacks who decided what. (A policy for the reason told at the holds.)
create policy decision_names_who_and_what on holdpoint.events as restrictive to hp_app, hp_definer using (true)
  with check (type <> 'hold.decided' or (actor_id is not null and actor_name is not null and decision is not null));
create table holdpoint.events_default partition of holdpoint.events default;
create index events_in_order on holdpoint.events (org_id, xid, id);
create index events_by_hold on holdpoint.events (hold_id, org_id) where hold_id is not null;
create index events_by_run on holdpoint.events (run_id, org_id) where run_id is not null;
create index events_by_session on holdpoint.events (session_id, org_id) where session_id is not null;

-- Row-level security (I7). hp_app sees one organisation, the one that the function or transaction has set.
do $$
declare name text; org_column text;
begin
  foreach name in array array['organisations', 'members', 'api_keys', 'member_sessions', 'sign_in_links', 'end_users',
    'sessions', 'holds', 'decisions', 'claims', 'runs', 'steps', 'messages', 'tool_calls', 'events'] loop
    org_column := case name when 'organisations' then 'id' else 'org_id' end;
    execute format('alter table holdpoint.%I enable row level security', name);
    execute format('alter table holdpoint.%I force row level security', name);
    execute format($p$create policy tenant on holdpoint.%I to hp_app using (%I = current_setting('hp.org_id', true))
      with check (%I = current_setting('hp.org_id', true))$p$, name, org_column, org_column);
    execute format('create policy definer on holdpoint.%I to hp_definer using (true) with check (true)', name);
  end loop;
end $$;

grant select, insert, update on holdpoint.holds, holdpoint.runs, holdpoint.steps, holdpoint.tool_calls,
  holdpoint.members, holdpoint.api_keys, holdpoint.sessions, holdpoint.end_users to hp_app;
grant select, insert, update, delete on holdpoint.model_limits, holdpoint.member_sessions to hp_app;
grant select on holdpoint.organisations to hp_app;
-- Append-only for the service.
grant select, insert on holdpoint.decisions, holdpoint.claims, holdpoint.messages, holdpoint.events to hp_app;
grant select, insert, update, delete on all tables in schema holdpoint to hp_definer;
revoke update, delete on holdpoint.events, holdpoint.decisions, holdpoint.claims from hp_definer;

-- Commands of the hot functions, parsed once; who stands behind a credential.
create type holdpoint.create_hold_command as (
  "credentialHash" text, "orgId" text, hold holdpoint.holds, "timeoutSeconds" double precision,
  "respondSeconds" double precision, "eventId" text);
create type holdpoint.decide_command as (
  "credentialHash" text, "holdId" text, verdict text, "actionHash" text, arguments json, "outcomeActionHash" text, answer json,
  comment text, "originalText" text, via text, "decisionId" text, "eventId" text, "timeoutEventId" text, "idempotencyKey" text, "bodyHash" text);
create type holdpoint.principal as (
  org_id text, kind text, principal_id text, agent_id text, member_id text, member_name text, role text, scopes text[],
  signed_in_at timestamptz);
