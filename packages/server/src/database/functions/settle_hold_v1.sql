-- Writes a hold that has come to its end, and what follows from it in the same transaction: the tool call takes the
-- outcome and its run is due, and so is each run with a call that asked this too. Called with the hold's row locked.
-- Locks: several runs only under the lock that expire_due_v1 has, since that goes from run to run in an order of its own.
-- Whoever settles several holds in one transaction locks them, in the order of their ids, then takes
-- pg_advisory_xact_lock(7238116254001), and only then settles the first or locks a run.
create or replace function holdpoint.settle_hold_v1(hold holdpoint.holds) returns void
language plpgsql volatile as $$
begin
  update holdpoint.holds h set status = hold.status, version = hold.version, decided_at = hold.decided_at,
      outcome = hold.outcome, fulfilment = hold.fulfilment
    where h.org_id = hold.org_id and h.id = hold.id;
  if hold.tool_call_id is not null then
    -- A hold that asks about a call (approval) moves it; one about an unknown execution is read by the run itself.
    if hold.kind = 'approval' then
      update holdpoint.tool_calls c set status = case hold.status when 'modified' then 'approved' else hold.status end,
          ended_at = case when hold.status in ('approved', 'modified') then null else hold.decided_at end
        where c.org_id = hold.org_id and c.id = hold.tool_call_id and c.status = 'gated';
    end if;
  end if;
  if hold.kind in ('clarification', 'authorization') then
    if exists (select from holdpoint.asks a where a.org_id = hold.org_id and a.hold_id = hold.id and a.run_id is distinct from hold.run_id) then
      perform pg_advisory_xact_lock(7238116254001);
      update holdpoint.runs r set advance_at = hold.decided_at
        where r.org_id = hold.org_id and r.status in ('holding', 'running', 'queued')
          and r.id in (select a.run_id from holdpoint.asks a where a.org_id = hold.org_id and a.hold_id = hold.id);
    end if;
  end if;
  if hold.run_id is not null then
    update holdpoint.runs r set advance_at = hold.decided_at
      where r.org_id = hold.org_id and r.id = hold.run_id and r.status in ('holding', 'running', 'queued');
  end if;
end $$;
revoke all on function holdpoint.settle_hold_v1(holdpoint.holds) from public;
grant execute on function holdpoint.settle_hold_v1(holdpoint.holds) to hp_app, hp_definer;
