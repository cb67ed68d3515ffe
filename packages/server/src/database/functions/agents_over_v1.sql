-- The agents on whose behalf a run works: its own, and those of the runs that called it. An order over any of them is over it.
create or replace function holdpoint.agents_over_v1(run holdpoint.runs) returns text[]
language plpgsql stable set search_path = '' as $$
begin
  if run.ancestors is null then return array[run.agent_id]; end if;
  return array(select r.agent_id from holdpoint.runs r
    where r.org_id = run.org_id and r.id = any (array(select json_array_elements_text(run.ancestors)))) || run.agent_id::text;
end $$;
revoke all on function holdpoint.agents_over_v1(holdpoint.runs) from public;
grant execute on function holdpoint.agents_over_v1(holdpoint.runs) to hp_app;
