-- Whom the caller names as the one who decided, beside whoever's credential it was: as claimed, verified by nobody.
alter table holdpoint.decisions add column claimed_by text check (length(claimed_by) <= 500);
alter type holdpoint.decide_command add attribute "claimedBy" text;

-- R268: what was asked about one transaction.
create index holds_of_transaction on holdpoint.holds (transaction_id, org_id) where transaction_id is not null;

-- Each time that a service of the config file is carried out. Made with the claim that it redeems, in one transaction: what was
-- begun is found again, and is never begun twice (I2).
create table holdpoint.executions (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  transaction_id holdpoint.id not null,
  service_id holdpoint.id not null,
  agent_id holdpoint.id,
  -- The principal that asked.
  requester text not null,
  -- Of service and payload.
  request_hash text collate "C" not null,
  action_hash text collate "C" not null,
  claim_id holdpoint.id not null,
  -- Null where the policy let it proceed.
  hold_id holdpoint.id,
  status text not null default 'executing' check (status in ('executing', 'executed', 'failed', 'unknown')),
  result json,
  error json,
  started_at timestamptz not null,
  -- Not reported on by then, nobody knows how it ended.
  lost_after timestamptz not null,
  ended_at timestamptz,
  idempotency_key text collate "C",
  body_hash text collate "C",
  primary key (org_id, id),
  unique (org_id, requester, transaction_id, request_hash)
);
create unique index executions_by_idempotency_key on holdpoint.executions (org_id, idempotency_key) where idempotency_key is not null;
create index executions_open on holdpoint.executions (lost_after) where status = 'executing';
alter table holdpoint.executions enable row level security;
alter table holdpoint.executions force row level security;
create policy tenant on holdpoint.executions to hp_app using (org_id = current_setting('hp.org_id', true))
  with check (org_id = current_setting('hp.org_id', true));
create policy definer on holdpoint.executions to hp_definer using (true) with check (true);
create policy eraser on holdpoint.executions to hp_eraser using (true);
grant select, insert on holdpoint.executions to hp_app, hp_definer;
grant select, delete on holdpoint.executions to hp_eraser;
grant update (status, result, error, ended_at) on holdpoint.executions to hp_app, hp_definer;
