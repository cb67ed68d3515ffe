-- Keeps leases alive. command: {workerId, leaseSeconds, runs: [{orgId, runId, epoch}]}. Answers the ids that are still
-- this worker's, in this epoch, of runs that have not ended; the rest belong to somebody else or to nobody.
create or replace function holdpoint.renew_leases_v1(command json) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare kept json;
begin
  -- In the order of their ids, as whoever else locks several runs at once (apply_order_v1).
  with mine as (
    select r.org_id, r.id from json_array_elements(command -> 'runs') l
      join holdpoint.runs r on r.org_id = l ->> 'orgId' and r.id = l ->> 'runId' and r.lease_epoch = (l ->> 'epoch')::integer
        and r.lease_owner = command ->> 'workerId' and r.status in ('queued', 'running', 'holding')
      order by r.id for update of r
  ), renewed as (
    update holdpoint.runs r
      set lease_until = clock_timestamp() + make_interval(secs => (command ->> 'leaseSeconds')::double precision)
      from mine where r.org_id = mine.org_id and r.id = mine.id
      returning r.id
  )
  select coalesce(json_agg(id), '[]'::json) into kept from renewed;
  -- Cancelled over a call in flight, a run has an epoch that nobody has; whoever carries the call out is alive (lose_calls_v1).
  if json_array_length(kept) < json_array_length(command -> 'runs') then
    update holdpoint.runs r
      set lease_until = clock_timestamp() + make_interval(secs => (command ->> 'leaseSeconds')::double precision)
      from json_array_elements(command -> 'runs') l
      where r.org_id = l ->> 'orgId' and r.id = l ->> 'runId' and r.lease_owner = command ->> 'workerId' and r.status = 'cancelled';
  end if;
  return kept;
end $$;
alter function holdpoint.renew_leases_v1(json) owner to hp_definer;
revoke all on function holdpoint.renew_leases_v1(json) from public;
grant execute on function holdpoint.renew_leases_v1(json) to hp_app;
