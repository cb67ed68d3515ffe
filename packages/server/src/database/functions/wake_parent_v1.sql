-- The run that called this one has something to look at: this one has ended, waits for a person, or goes on. Never waits for a
-- lock, since this one is locked already: true when it is done, false when the caller has to do it after the commit
-- (wake_run_v1). In between sweep_nested_v1 would find what a crash left undone.
create or replace function holdpoint.wake_parent_v1(run holdpoint.runs, at timestamptz) returns boolean
language plpgsql volatile set search_path = '' as $$
begin
  update holdpoint.runs r set advance_at = least(r.advance_at, at)
    where r.org_id = run.org_id and r.id = (select p.id from holdpoint.runs p
      where p.org_id = run.org_id and p.id = run.parent_run_id and p.status in ('running', 'holding', 'paused') for update skip locked);
  return found;
end $$;
revoke all on function holdpoint.wake_parent_v1(holdpoint.runs, timestamptz) from public;
grant execute on function holdpoint.wake_parent_v1(holdpoint.runs, timestamptz) to hp_app;
