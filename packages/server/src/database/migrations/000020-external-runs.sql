-- Runs that another process works on. Such a run has a heartbeat and never a lease: no worker of this service takes it.
alter table holdpoint.runs
  add column heartbeat_seconds integer,
  add column heartbeat_at timestamptz,
  -- Heard of no more by then, it is lost.
  add column lost_after timestamptz,
  add column lost_at timestamptz,
  -- {steps, text}, as it says itself.
  add column progress json;
create index runs_to_lose on holdpoint.runs (lost_after) where lost_after is not null and ended_at is null;

-- Since when nothing is heard of the run that asked.
alter table holdpoint.holds add column run_lost_at timestamptz;

-- Of the event that the run holds from now on.
alter type holdpoint.create_hold_command add attribute "runEventId" text;
