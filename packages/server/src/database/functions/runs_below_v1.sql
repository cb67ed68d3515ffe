-- The runs that a run has called, and those that they have called.
create or replace function holdpoint.runs_below_v1(org text, run text) returns text[]
language sql stable set search_path = '' as $$
  with recursive below as (
    select r.id from holdpoint.runs r where r.org_id = org and r.parent_run_id = run
    union all
    select r.id from below b join holdpoint.runs r on r.org_id = org and r.parent_run_id = b.id
  )
  select coalesce(array_agg(id::text order by id), '{}') from below
$$;
revoke all on function holdpoint.runs_below_v1(text, text) from public;
grant execute on function holdpoint.runs_below_v1(text, text) to hp_app;
