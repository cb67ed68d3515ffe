-- Steering: words to the agent, calls that people take over, and runs that go on from a step of another.

-- A word from an operator. Null: the model has not heard it yet.
create table holdpoint.run_notes (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  run_id holdpoint.id not null,
  text text not null,
  by_kind text not null check (by_kind in ('member', 'agent')),
  by_id holdpoint.id not null,
  by_name text,
  created_at timestamptz not null,
  heard_step integer,
  idempotency_key text collate "C",
  body_hash text collate "C",
  primary key (org_id, id)
);
create index run_notes_by_run on holdpoint.run_notes (run_id, org_id);
create unique index run_notes_by_idempotency_key on holdpoint.run_notes (org_id, idempotency_key) where idempotency_key is not null;

-- What the run that a fork goes on from had executed by then and later: each is taken over once, instead of being done again.
create table holdpoint.fork_actions (
  org_id holdpoint.id not null,
  run_id holdpoint.id not null,
  -- The call that was executed, and of which run.
  tool_call_id holdpoint.id not null,
  from_run_id holdpoint.id not null,
  position integer not null,
  name text not null,
  -- As the model proposed it, and as it was executed.
  proposed json not null,
  arguments json not null,
  -- Cancelled: it had begun, and waited for an answer; only what it kept is taken over.
  status holdpoint.call_status not null check (status in ('succeeded', 'failed', 'cancelled')),
  result json,
  error json,
  reused_by holdpoint.id,
  primary key (org_id, run_id, tool_call_id)
);

do $$
declare name text;
begin
  foreach name in array array['run_notes', 'fork_actions'] loop
    execute format('alter table holdpoint.%I enable row level security', name);
    execute format('alter table holdpoint.%I force row level security', name);
    execute format('create policy tenant on holdpoint.%I to hp_app using (org_id = current_setting(''hp.org_id'', true)) with check (org_id = current_setting(''hp.org_id'', true))', name);
    execute format('create policy definer on holdpoint.%I to hp_definer using (true) with check (true)', name);
  end loop;
end $$;
grant select, insert on holdpoint.run_notes, holdpoint.fork_actions to hp_app, hp_definer;
grant update (heard_step) on holdpoint.run_notes to hp_app, hp_definer;
grant update (reused_by) on holdpoint.fork_actions to hp_app, hp_definer;

-- Null counts as 0 in all of these.
alter table holdpoint.runs
  add column notes_unheard integer,
  add column forked_from holdpoint.id,
  add column forked_step integer,
  -- The run whose past this one shares: of a fork, the one at the root.
  add column history_of holdpoint.id,
  add column state_since timestamptz,
  add column queued_ms double precision,
  add column running_ms double precision,
  add column holding_ms double precision,
  add column paused_ms double precision;
create index runs_by_origin on holdpoint.runs (forked_from, org_id) where forked_from is not null;

-- The step before which the model was told; its own words have the step that they are. Null in runs of earlier versions. 0: of
-- the run that this one goes on from.
alter table holdpoint.messages add column step integer;
-- What a person did to it last: {action, by: {kind, id, name}, at, reason}.
alter table holdpoint.tool_calls add column steered json, add column reused_from json;

-- How long a run was in which state, wherever that is changed.
create function holdpoint.keep_run_time() returns trigger
language plpgsql set search_path = '' as $$
declare
  at constant timestamptz := coalesce(new.ended_at, holdpoint.hp_now());
  passed constant double precision := greatest(0, 1000 * extract(epoch from at - coalesce(old.state_since, old.created_at)));
begin
  new.state_since := at;
  case old.status
    when 'queued' then new.queued_ms := coalesce(old.queued_ms, 0) + passed;
    when 'running' then new.running_ms := coalesce(old.running_ms, 0) + passed;
    when 'holding' then new.holding_ms := coalesce(old.holding_ms, 0) + passed;
    when 'paused' then new.paused_ms := coalesce(old.paused_ms, 0) + passed;
    else null;
  end case;
  return new;
end $$;
create trigger keep_run_time before update of status on holdpoint.runs
  for each row when (old.status is distinct from new.status) execute function holdpoint.keep_run_time();
