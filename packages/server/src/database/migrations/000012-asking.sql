-- Questions that a tool asks in the middle of its call. The question itself is a hold; a row here says which call waits for it,
-- and by which name the call finds the answer when it starts again. Several asks may share a hold.
create table holdpoint.asks (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  run_id holdpoint.id not null,
  tool_call_id holdpoint.id not null,
  -- The tool's name for it, and the how-manieth ask of that name in the attempt.
  key text collate "C" not null,
  occurrence integer not null,
  -- Another question under the same key has no answer yet.
  question_hash text collate "C" not null,
  hold_id holdpoint.id not null,
  -- The attempt that asked.
  attempt integer not null,
  created_at timestamptz not null,
  primary key (org_id, id),
  unique (tool_call_id, attempt, key, occurrence, org_id)
);
create index asks_by_run on holdpoint.asks (run_id, org_id);
create index asks_by_hold on holdpoint.asks (hold_id, org_id);

-- What must not be done twice when a call starts again (I2): the value of context.once, kept before it is used.
create table holdpoint.once_results (
  org_id holdpoint.id not null,
  tool_call_id holdpoint.id not null,
  name text collate "C" not null,
  value json not null,
  attempt integer not null,
  created_at timestamptz not null,
  primary key (org_id, tool_call_id, name)
);

do $$
declare name text;
begin
  foreach name in array array['asks', 'once_results'] loop
    execute format('alter table holdpoint.%I enable row level security', name);
    execute format('alter table holdpoint.%I force row level security', name);
    execute format('create policy tenant on holdpoint.%I to hp_app using (org_id = current_setting(''hp.org_id'', true)) with check (org_id = current_setting(''hp.org_id'', true))', name);
    execute format('create policy definer on holdpoint.%I to hp_definer using (true) with check (true)', name);
  end loop;
end $$;
grant select, insert on holdpoint.asks, holdpoint.once_results to hp_app, hp_definer;
-- A hold may be followed by a wider one; what was asked stays as it was.
grant update (hold_id) on holdpoint.asks to hp_app, hp_definer;

-- The open sign-in of a person at a provider: there is at most one, and who needs it joins it.
create index holds_open_authorization on holdpoint.holds (end_user_id, (question ->> 'provider'), org_id)
  where status = 'pending' and kind = 'authorization';
