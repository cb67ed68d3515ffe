-- What a process that died left between a run and the one that it called, over all organisations: callers are woken whose
-- call waits for a run that has ended, or that waits for a person without the caller showing it; runs are named whose caller has ended, or waits for them no more.
-- Answers {woken, orphans: [{orgId, runId, parentRunId, action, reason}]}, at most count_limit of each.
create or replace function holdpoint.sweep_nested_v1(count_limit integer) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare
  woken integer;
begin
  update holdpoint.runs r set advance_at = holdpoint.hp_now()
    where (r.org_id, r.id) in (select p.org_id, p.id from holdpoint.tool_calls c
      join holdpoint.runs child on child.org_id = c.org_id and child.parent_run_id = c.run_id and child.parent_call_id = c.id
      join holdpoint.runs p on p.org_id = c.org_id and p.id = c.run_id
      where c.status = 'suspended' and p.status in ('running', 'holding')
        and (child.ended_at is not null or child.status = 'holding' and p.status = 'running')
        and p.advance_at is null and p.lease_until is null
        -- What asks a person after its agent has ended waits for that.
        and not exists (select from holdpoint.asks a join holdpoint.holds h on h.org_id = a.org_id and h.id = a.hold_id
          where a.org_id = c.org_id and a.run_id = c.run_id and a.tool_call_id = c.id and h.status = 'pending')
      limit count_limit for update of p skip locked);
  get diagnostics woken = row_count;
  return json_build_object('woken', woken, 'orphans', (
    select coalesce(json_agg(json_build_object('orgId', o.org_id, 'runId', o.id, 'parentRunId', o.parent_run_id,
        'action', case o.end_reason when 'killed' then 'kill' else 'cancel' end, 'reason', o.reason)), '[]'::json)
    from (select r.org_id, r.id, r.parent_run_id, p.end_reason, p.error ->> 'reason' as reason from holdpoint.runs r
      left join holdpoint.runs p on p.org_id = r.org_id and p.id = r.parent_run_id
      left join holdpoint.tool_calls c on c.org_id = r.org_id and c.id = r.parent_call_id
      where r.parent_run_id is not null and r.ended_at is null
        and (p.id is null or p.ended_at is not null or c.status not in ('suspended', 'executing', 'unknown'))
      order by r.org_id, r.id limit count_limit) o));
end $$;
alter function holdpoint.sweep_nested_v1(integer) owner to hp_definer;
revoke all on function holdpoint.sweep_nested_v1(integer) from public;
grant execute on function holdpoint.sweep_nested_v1(integer) to hp_app;
