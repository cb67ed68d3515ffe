-- Runs that were deleted one by one. What agents elsewhere did in one without naming its session is found by the run when the
-- session is deleted later, and its clear values are erased from the log. Goes with the session (purge_session_v1).
create table holdpoint.deleted_runs (
  org_id holdpoint.id not null,
  session_id holdpoint.id not null,
  id holdpoint.id not null,
  primary key (org_id, session_id, id)
);
alter table holdpoint.deleted_runs enable row level security;
alter table holdpoint.deleted_runs force row level security;
create policy tenant on holdpoint.deleted_runs to hp_app
  using (org_id = current_setting('hp.org_id', true)) with check (org_id = current_setting('hp.org_id', true));
create policy eraser on holdpoint.deleted_runs to hp_eraser using (true);
grant select, insert on holdpoint.deleted_runs to hp_app;
grant select, delete on holdpoint.deleted_runs to hp_eraser;

-- Who takes over what a run has executed.
create index fork_actions_by_origin on holdpoint.fork_actions (from_run_id, org_id);
