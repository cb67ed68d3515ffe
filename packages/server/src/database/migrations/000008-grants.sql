-- Standing permissions ("always allow this"), and with whom which tool has dealt before.
create table holdpoint.grants (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  tool text not null,
  -- CEL over what rules look at; null is any call of the tool.
  condition text,
  agent_id holdpoint.id,
  end_user_id holdpoint.id,
  expires_at timestamptz not null,
  uses integer check (uses > 0),
  uses_left integer check (uses_left >= 0),
  -- Of action.value, exact.
  budget numeric check (budget > 0),
  budget_left numeric check (budget_left >= 0),
  -- What the decision that it continues has satisfied; what asks for more is not covered.
  route json not null,
  quorum_required holdpoint.quorum not null,
  strength holdpoint.strength not null,
  from_hold_id holdpoint.id,
  reason text,
  created_at timestamptz not null,
  created_by holdpoint.id not null,
  created_by_name text not null,
  revoked_at timestamptz,
  revoked_by holdpoint.id,
  revoked_by_name text,
  idempotency_key text collate "C",
  body_hash text collate "C",
  primary key (org_id, id),
  constraint grants_end check (expires_at <= created_at + interval '366 days'),
  check ((uses is null) = (uses_left is null)),
  check ((budget is null) = (budget_left is null))
);
create unique index grants_by_idempotency_key on holdpoint.grants (org_id, idempotency_key) where idempotency_key is not null;
create index grants_standing on holdpoint.grants (org_id, expires_at) where revoked_at is null;

-- Which permission let an action proceed, and what it took of its budget.
alter table holdpoint.claims add column grant_id holdpoint.id;
alter table holdpoint.claims add column grant_value numeric;
create index claims_by_grant on holdpoint.claims (org_id, grant_id, id) where grant_id is not null;

create table holdpoint.known_counterparties (
  org_id holdpoint.id not null,
  tool text not null,
  counterparty text not null check (length(counterparty) <= 500),
  first_at timestamptz not null,
  primary key (org_id, tool, counterparty)
);

do $$
declare name text;
begin
  foreach name in array array['grants', 'known_counterparties'] loop
    execute format('alter table holdpoint.%I enable row level security', name);
    execute format('alter table holdpoint.%I force row level security', name);
    execute format('create policy tenant on holdpoint.%I to hp_app using (org_id = current_setting(''hp.org_id'', true)) with check (org_id = current_setting(''hp.org_id'', true))', name);
    execute format('create policy definer on holdpoint.%I to hp_definer using (true) with check (true)', name);
  end loop;
end $$;
grant select, insert on holdpoint.grants, holdpoint.known_counterparties to hp_app, hp_definer;
-- Its terms are for ever; what is left of it and whether it stands are not.
grant update (uses_left, budget_left, revoked_at, revoked_by, revoked_by_name) on holdpoint.grants to hp_app, hp_definer;
