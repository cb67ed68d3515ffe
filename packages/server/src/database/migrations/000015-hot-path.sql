-- The two ways in which a run is due, each with an index of exactly those runs. Both say all that take_runs_v1 asks: then the
-- planner takes them also while the table was never analyzed, where it would otherwise go through every run there is.
drop index holdpoint.runs_to_advance;
create index runs_to_advance on holdpoint.runs (advance_at)
  where advance_at is not null and lease_until is null and status in ('queued', 'running', 'holding');
drop index holdpoint.runs_leased;
create index runs_leased on holdpoint.runs (lease_until)
  where lease_until is not null and status in ('queued', 'running', 'holding');

-- The command is one of several in its transaction.
alter type holdpoint.decide_command add attribute "isGrouped" boolean;
