-- A run has ended: whoever waits for it is due, or waits for what that one has waited for. To be called by whatever ends a run, in
-- the same transaction, with the run as it was before (its waits_for). Locks later runs of the session after the one that ended.
create or replace function holdpoint.let_next_runs_v1(ended holdpoint.runs, at timestamptz) returns void
language plpgsql volatile set search_path = '' as $$
begin
  loop
    update holdpoint.runs r set waits_for = ended.waits_for, advance_at = case when ended.waits_for is null then at end
      where r.org_id = ended.org_id and r.waits_for = ended.id and r.ended_at is null;
    -- One that was cancelled while this waited for its row has handed its place on: whoever has it is seen by the next statement.
    exit when not exists (select from holdpoint.runs r where r.org_id = ended.org_id and r.waits_for = ended.id and r.ended_at is null);
  end loop;
  if ended.waits_for is not null then
    update holdpoint.runs r set waits_for = null where r.org_id = ended.org_id and r.id = ended.id;
  end if;
end $$;
revoke all on function holdpoint.let_next_runs_v1(holdpoint.runs, timestamptz) from public;
grant execute on function holdpoint.let_next_runs_v1(holdpoint.runs, timestamptz) to hp_app;
