-- The runs that a run has called and that are not over.
create or replace function holdpoint.open_children_v1(run holdpoint.runs) returns json
language plpgsql stable set search_path = '' as $$
begin
  if run.has_children is not true then return null; end if;
  return (select json_agg(r.id order by r.id) from holdpoint.runs r
    where r.org_id = run.org_id and r.parent_run_id = run.id and r.ended_at is null);
end $$;
revoke all on function holdpoint.open_children_v1(holdpoint.runs) from public;
grant execute on function holdpoint.open_children_v1(holdpoint.runs) to hp_app;
