-- Whether a run waits for people: one of its calls does, or its answer, or an agent that it called.
create or replace function holdpoint.is_run_holding_v1(run holdpoint.runs) returns boolean
language sql stable set search_path = '' as $$
  select exists (select from holdpoint.holds h where h.org_id = run.org_id and h.run_id = run.id and h.status = 'pending')
    or exists (select from holdpoint.asks a
      join holdpoint.tool_calls c on c.org_id = a.org_id and c.id = a.tool_call_id and c.status = 'suspended'
      join holdpoint.holds h on h.org_id = a.org_id and h.id = a.hold_id and h.status = 'pending'
      where a.org_id = run.org_id and a.run_id = run.id)
    or run.has_children and exists (select from holdpoint.runs c
      where c.org_id = run.org_id and c.parent_run_id = run.id and c.status = 'holding')
$$;
revoke all on function holdpoint.is_run_holding_v1(holdpoint.runs) from public;
grant execute on function holdpoint.is_run_holding_v1(holdpoint.runs) to hp_app;
