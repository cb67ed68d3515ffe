-- What a run has done, in call order: for the report of a run that was ended from outside.
create or replace function holdpoint.calls_of_run_v1(run holdpoint.runs) returns json
language sql stable set search_path = '' as $$
  select coalesce(json_agg(json_build_object('id', c.id, 'name', c.name, 'status', c.status, 'step', c.step) order by c.step, c.position), '[]'::json)
    from holdpoint.tool_calls c where c.org_id = run.org_id and c.run_id = run.id
$$;
revoke all on function holdpoint.calls_of_run_v1(holdpoint.runs) from public;
grant execute on function holdpoint.calls_of_run_v1(holdpoint.runs) to hp_app;
