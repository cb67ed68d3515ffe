-- Writes a hold that has come to its end, and what follows from it in the same transaction: the tool call takes the
-- outcome and its run is due. Called with the hold's row locked.
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
  if hold.run_id is not null then
    update holdpoint.runs r set advance_at = hold.decided_at
      where r.org_id = hold.org_id and r.id = hold.run_id and r.status in ('holding', 'running', 'queued');
  end if;
end $$;
revoke all on function holdpoint.settle_hold_v1(holdpoint.holds) from public;
grant execute on function holdpoint.settle_hold_v1(holdpoint.holds) to hp_app, hp_definer;
