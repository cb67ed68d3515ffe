-- Actions that proceeded by themselves and were drawn for people to judge afterwards (R97).
create domain holdpoint.sample_verdict as text check (value in ('correct', 'incorrect', 'unsure'));
create table holdpoint.samples (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  rule text,
  policy_version integer not null,
  agent_id holdpoint.id,
  end_user_id holdpoint.id,
  run_id holdpoint.id,
  -- How it ended is read from the call; an agent elsewhere reports nothing on what was never held.
  tool_call_id holdpoint.id,
  claim_id holdpoint.id not null,
  confidence double precision,
  action json not null,
  action_hash text not null,
  created_at timestamptz not null,
  verdict holdpoint.sample_verdict,
  comment text,
  reviewed_at timestamptz,
  reviewed_by holdpoint.id,
  reviewed_by_name text,
  primary key (org_id, id),
  check ((verdict is null) = (reviewed_at is null))
);
create index samples_open on holdpoint.samples (org_id, id) where verdict is null;
create index samples_reviewed on holdpoint.samples (org_id, agent_id) where verdict is not null;
alter table holdpoint.samples enable row level security;
alter table holdpoint.samples force row level security;
create policy tenant on holdpoint.samples to hp_app using (org_id = current_setting('hp.org_id', true))
  with check (org_id = current_setting('hp.org_id', true));
create policy definer on holdpoint.samples to hp_definer using (true) with check (true);
grant select, insert on holdpoint.samples to hp_app, hp_definer;
-- What was sampled stays as it was.
grant update (verdict, comment, reviewed_at, reviewed_by, reviewed_by_name) on holdpoint.samples to hp_app, hp_definer;
