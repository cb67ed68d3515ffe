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

-- Time that decides is the database's. Tests shift it by an offset; only the owner may write this table.
create table holdpoint.test_clock (
  singleton boolean primary key default true check (singleton),
  shift interval not null
);
grant select on holdpoint.test_clock to hp_app, hp_definer;

create function holdpoint.hp_now() returns timestamptz
language sql volatile parallel restricted set search_path = '' as
$$ select clock_timestamp() + coalesce((select shift from holdpoint.test_clock), interval '0') $$;

-- Null takes the shift away.
create function holdpoint.set_test_clock(instant text) returns void
language plpgsql set search_path = '' as $$
begin
  delete from holdpoint.test_clock;
  if instant is not null then
    insert into holdpoint.test_clock (shift) values (instant::timestamptz - clock_timestamp());
  end if;
end $$;
revoke all on function holdpoint.set_test_clock(text) from public;

create domain holdpoint.id as text collate "C" check (length(value) between 1 and 200);

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
  role text not null check (role in ('viewer', 'reviewer', 'manager', 'operator', 'admin')),
  created_at timestamptz not null default clock_timestamp(),
  removed_at timestamptz,
  primary key (org_id, id),
  unique (org_id, user_id)
);
create index members_by_user on holdpoint.members (user_id);

-- Machine credentials. Only the hash is stored. An operator key acts as a member; an agent key never decides (I9).
create table holdpoint.api_keys (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  hash text collate "C" not null unique,
  name text not null,
  kind text not null check (kind in ('agent', 'operator', 'relay')),
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
  unique (org_id, idempotency_key),
  check (kind <> 'operator' or member_id is not null)
);

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
  kind text not null check (kind in ('approval', 'clarification', 'authorization', 'escalation')),
  status text not null default 'pending' check (status in
    ('pending', 'approved', 'modified', 'rejected', 'skipped', 'answered', 'expired', 'cancelled')),
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
  reversibility text check (reversibility in ('reversible', 'partially_reversible', 'irreversible')),
  impact text check (impact in ('low', 'medium', 'high')),
  value double precision,
  question json,
  verdicts text[] not null,
  tier text not null check (tier in ('automated', 'async_review', 'sync_gate', 'escalation')),
  route json not null,
  -- The least role that may decide, taken out of the route for the guard.
  route_role text check (route_role in ('reviewer', 'manager', 'operator', 'admin')),
  separation text not null default 'requester' check (separation in ('requester', 'strict', 'starter')),
  quorum_required integer not null default 1 check (quorum_required >= 1),
  reasons json not null,
  policy_version integer not null default 0,
  -- The principal that proposed the action (I9), and the member behind it when there is one.
  requester text not null,
  requester_kind text not null check (requester_kind in ('agent', 'member', 'operator_key')),
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
  on_timeout text not null check (on_timeout in ('reject', 'skip', 'hold', 'escalate', 'approve')),
  decided_at timestamptz,
  -- {verdict, arguments, actionHash, answer, comment, by: {id, name, via, verifiedBy}}
  outcome json,
  fulfilment text not null default 'none' check (fulfilment in
    ('none', 'waiting', 'delivered', 'executing', 'executed', 'failed', 'unknown')),
  -- {result} or {error}, as the executor reported it.
  execution json,
  idempotency_key text collate "C",
  body_hash text collate "C",
  primary key (org_id, id),
  unique (org_id, idempotency_key),
  check (action is null or action_hash is not null),
  check ((status = 'pending') = (decided_at is null)),
  check (on_timeout <> 'approve' or reversibility = 'reversible')
);
create index holds_open on holdpoint.holds (org_id, id) where status = 'pending';
create index holds_due on holdpoint.holds (expires_at) where status = 'pending' and expires_at is not null;
create index holds_by_run on holdpoint.holds (org_id, run_id) where run_id is not null;
create index holds_unfulfilled on holdpoint.holds (org_id, id) where fulfilment in ('waiting', 'delivered', 'executing', 'unknown');

-- What one person said. Append-only. R98: who, how verified, when, what was shown.
create table holdpoint.decisions (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  hold_id holdpoint.id not null,
  verdict text not null check (verdict in ('approve', 'modify', 'reject', 'skip', 'answer')),
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
  primary key (org_id, id),
  unique (org_id, idempotency_key)
);
create index decisions_by_hold on holdpoint.decisions (org_id, hold_id);

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
  unique (org_id, hold_id, attempt),
  unique (org_id, tool_call_id, attempt),
  unique (org_id, idempotency_key)
);

create table holdpoint.runs (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  agent_id holdpoint.id not null,
  status text not null default 'queued' check (status in
    ('queued', 'running', 'holding', 'paused', 'completed', 'failed', 'cancelled')),
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
  starter_kind text not null check (starter_kind in ('agent', 'member', 'operator_key')),
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
  primary key (org_id, id),
  unique (org_id, idempotency_key)
);
create index runs_to_advance on holdpoint.runs (advance_at) where advance_at is not null;
create index runs_leased on holdpoint.runs (lease_until) where lease_until is not null;
create index runs_by_session on holdpoint.runs (org_id, session_id, id) where session_id is not null;

create table holdpoint.steps (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  run_id holdpoint.id not null,
  position integer not null,
  status text not null check (status in ('running', 'completed', 'failed')),
  model text not null,
  -- The text of the turn so far; grows while the model speaks.
  text text not null default '',
  finish_reason text,
  usage json,
  error json,
  started_at timestamptz not null,
  ended_at timestamptz,
  primary key (org_id, id),
  unique (org_id, run_id, position)
);

-- Messages exactly as the model library gives and takes them.
create table holdpoint.messages (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  run_id holdpoint.id not null,
  position integer not null,
  role text not null check (role in ('system', 'user', 'assistant', 'tool')),
  message json not null,
  created_at timestamptz not null,
  primary key (org_id, id),
  unique (org_id, run_id, position)
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
  status text not null check (status in ('proposed', 'gated', 'approved', 'rejected', 'skipped', 'expired',
    'cancelled', 'executing', 'suspended', 'succeeded', 'failed', 'unknown')),
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
  unique (org_id, run_id, step, position)
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
  actor_kind text not null check (actor_kind in ('member', 'agent', 'system', 'end_user')),
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
  primary key (org_id, id),
  -- R98: a person's decision never lacks who decided what.
  check (type <> 'hold.decided' or (actor_id is not null and actor_name is not null and decision is not null))
) partition by range (id);
create table holdpoint.events_default partition of holdpoint.events default;
create index events_in_order on holdpoint.events (org_id, xid, id);
create index events_by_hold on holdpoint.events (org_id, hold_id) where hold_id is not null;
create index events_by_run on holdpoint.events (org_id, run_id) where run_id is not null;
create index events_by_session on holdpoint.events (org_id, session_id) where session_id is not null;

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
revoke insert, update, delete on holdpoint.test_clock from hp_definer;
