-- Composed routes, votes, steps while nobody decides, and people who stand in for others.

alter table holdpoint.holds
  -- {route, timeoutSeconds, askAfterSeconds, isWider}: the end of the ladder, as the policy was when the hold was made.
  add column ladder json,
  -- Since when the ladder's end is asked too, and since when it alone is (its deadline took the route's place).
  add column ladder_asked_at timestamptz,
  add column escalated_at timestamptz,
  -- When more people are asked, in seconds after created_at, ascending; null where nobody is.
  add column step_seconds integer[],
  -- Votes for an earlier version are void: they were for something else (I8). Null is the first.
  add column votes_since integer,
  -- The leaves of route and ladder, such as role:manager or group:legal: a coarse filter for lists. Null where route_role says it all.
  add column askable text[],
  -- Of a release by votes: who was counted, by which part of the route and by whose right; all must hold when it is executed.
  add column released_by json;
alter table holdpoint.decisions
  -- The hold's version that the person decided on; null for decisions before there were votes.
  add column hold_version integer;

-- Only where there is a step or a reminder: all other holds pay for a comparison.
create function holdpoint.set_next_step() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.next_step_at := holdpoint.next_step_v1(new, new.created_at, new.created_at);
  return new;
end $$;
create trigger set_next_step before insert on holdpoint.holds
  for each row when (new.step_seconds is not null or new.remind_every_seconds is not null)
  execute function holdpoint.set_next_step();

-- What from_member may decide, to_member may as well, for a time; never for ever.
create table holdpoint.delegations (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  from_member holdpoint.id not null,
  to_member holdpoint.id not null check (to_member <> from_member),
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  created_at timestamptz not null,
  created_by holdpoint.id not null,
  revoked_at timestamptz,
  revoked_by holdpoint.id,
  idempotency_key text collate "C",
  body_hash text collate "C",
  primary key (org_id, id)
);
create index delegations_by_deputy on holdpoint.delegations (to_member, org_id) where revoked_at is null;
create unique index delegations_by_idempotency_key on holdpoint.delegations (org_id, idempotency_key) where idempotency_key is not null;
alter table holdpoint.delegations enable row level security;
alter table holdpoint.delegations force row level security;
create policy tenant on holdpoint.delegations to hp_app using (org_id = current_setting('hp.org_id', true))
  with check (org_id = current_setting('hp.org_id', true));
create policy definer on holdpoint.delegations to hp_definer using (true) with check (true);
grant select, insert, update on holdpoint.delegations to hp_app, hp_definer;
