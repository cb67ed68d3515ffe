-- The net under let_next_runs_v1: runs that wait for one that has ended, or is gone, are due. Answers how many there were; none,
-- as long as everything that ends a run lets the next one go.
create or replace function holdpoint.let_forgotten_runs_v1() returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare let_go integer;
begin
  update holdpoint.runs r set waits_for = null, advance_at = holdpoint.hp_now()
    where r.waits_for is not null and r.ended_at is null
      and not exists (select from holdpoint.runs p where p.org_id = r.org_id and p.id = r.waits_for and p.ended_at is null);
  get diagnostics let_go = row_count;
  return let_go;
end $$;
alter function holdpoint.let_forgotten_runs_v1() owner to hp_definer;
revoke all on function holdpoint.let_forgotten_runs_v1() from public;
grant execute on function holdpoint.let_forgotten_runs_v1() to hp_app;
