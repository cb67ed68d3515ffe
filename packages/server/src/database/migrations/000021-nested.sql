-- Agents as tools: a call may be another agent's run. The call waits suspended for that run's end.
alter table holdpoint.runs
  add column parent_run_id holdpoint.id,
  add column parent_call_id holdpoint.id,
  -- Ids of the runs above it, and names of the agents from the outermost to its own: what they were called when it began.
  add column ancestors json,
  add column path json,
  -- True once a call of it has made a run: most never do, and are not asked.
  add column has_children boolean;

-- One run a call, however often the call starts.
create unique index runs_by_parent on holdpoint.runs (org_id, parent_run_id, parent_call_id) where parent_run_id is not null;
create index runs_nested_open on holdpoint.runs (org_id, id) where parent_run_id is not null and ended_at is null;

-- What a reviewer is shown of who asks through whom.
alter table holdpoint.holds add column path json;

-- Calls that wait for an answer or an agent.
create index tool_calls_suspended on holdpoint.tool_calls (org_id, run_id, id) where status = 'suspended';
