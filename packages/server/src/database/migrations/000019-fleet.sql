-- Orders of operators that stand until they are lifted, also over what is made later: pauses of all runs, of an agent's or a
-- session's; kill-switches over an agent or a tool. A row stays when its order is lifted, and is used again by the next one.
create domain holdpoint.order_kind as text check (value in ('pause', 'hold'));
create domain holdpoint.order_scope as text check (value in ('all', 'agent', 'session', 'tool'));

create table holdpoint.standing_orders (
  org_id holdpoint.id not null,
  kind holdpoint.order_kind not null,
  scope holdpoint.order_scope not null,
  -- The id of the agent or session, the name of the tool; empty over all.
  subject text collate "C" not null,
  reason text,
  created_at timestamptz not null,
  -- {kind, id, name}
  given_by json not null,
  -- Of the request, so that one that is repeated is known.
  given_key text collate "C" not null,
  lifted_at timestamptz,
  lifted_by json,
  lifted_key text collate "C",
  -- Up to which run it has been carried out on those that are there; null: on all. Lifted, it is carried out backwards.
  apply_after text collate "C",
  primary key (org_id, kind, scope, subject)
);
create index standing_orders_to_apply on holdpoint.standing_orders (org_id) where apply_after is not null;
alter table holdpoint.standing_orders enable row level security;
alter table holdpoint.standing_orders force row level security;
create policy tenant on holdpoint.standing_orders to hp_app
  using (org_id = current_setting('hp.org_id', true)) with check (org_id = current_setting('hp.org_id', true));
create policy definer on holdpoint.standing_orders to hp_definer using (true) with check (true);
grant select, insert, update on holdpoint.standing_orders to hp_app, hp_definer;
-- An order over a session goes with it (purge_session_v1).
create policy eraser on holdpoint.standing_orders to hp_eraser using (true);
grant select, delete on holdpoint.standing_orders to hp_eraser;

-- Since when the latest of the kill-switches stands: what was approved before it is asked about anew.
alter table holdpoint.policies add column switched_at timestamptz;

alter table holdpoint.runs
  -- Which order pauses it; null where somebody paused this run alone.
  add column pause_scope holdpoint.order_scope,
  -- The request that took it in hand last, so that one that is repeated is known.
  add column control_key text collate "C";
create index runs_open on holdpoint.runs (org_id, id) where ended_at is null;
-- Cancelled while a call was in flight: whoever carries that out keeps a lease, though it may commit nothing any more.
create index runs_finishing on holdpoint.runs (lease_until) where lease_until is not null and status = 'cancelled';
