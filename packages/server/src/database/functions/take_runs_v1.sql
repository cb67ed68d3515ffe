-- Leases runs that are due, over all organisations, to one worker. Whoever is locked by another is passed over.
-- command: {workerId, leaseSeconds, limit, busy: [ids that this worker works on right now]}
-- A run is due when its time has come and nobody has it, or when its lease has lapsed: then whoever had it is dead or
-- cut off, and the new epoch fences it. advance_at is cleared here, so that what becomes due while the worker has the
-- run is not lost: it is there again when the lease is given back.
-- A run that lives elsewhere never has a lease, and is nobody's here.
-- Leases go by the real clock, also where a test has shifted hp_now().
create or replace function holdpoint.take_runs_v1(command json) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare
  at constant timestamptz := holdpoint.hp_now();
  -- A variable, since no index is asked about what changes from row to row.
  real_time constant timestamptz := clock_timestamp();
  busy constant text[] := array(select json_array_elements_text(command -> 'busy'));
  taken json;
begin
  -- Asked for apart, each along its own index.
  with lapsed as (
    select r.org_id, r.id from holdpoint.runs r
    where r.status in ('queued', 'running', 'holding') and r.lease_until < real_time and not (r.id = any (busy))
    order by r.lease_until
    limit (command ->> 'limit')::integer
    for update skip locked
  ), waiting as (
    select r.org_id, r.id from holdpoint.runs r
    where r.status in ('queued', 'running', 'holding') and r.lease_until is null and r.advance_at <= at and r.waits_for is null
      and r.heartbeat_seconds is null and not (r.id = any (busy))
    order by r.advance_at
    limit (command ->> 'limit')::integer - (select count(*) from lapsed)
    for update skip locked
  ), due as (
    select * from lapsed union all select * from waiting
  ), leased as (
    update holdpoint.runs r set lease_owner = command ->> 'workerId', lease_epoch = r.lease_epoch + 1, advance_at = null,
        lease_until = real_time + make_interval(secs => (command ->> 'leaseSeconds')::double precision)
      from due where r.org_id = due.org_id and r.id = due.id
      returning r.org_id, r.id, r.lease_epoch, r.agent_id
  )
  select coalesce(json_agg(json_build_object('orgId', org_id, 'runId', id, 'epoch', lease_epoch, 'agentId', agent_id)), '[]'::json)
    into taken from leased;
  return taken;
end $$;
alter function holdpoint.take_runs_v1(json) owner to hp_definer;
revoke all on function holdpoint.take_runs_v1(json) from public;
grant execute on function holdpoint.take_runs_v1(json) to hp_app;
