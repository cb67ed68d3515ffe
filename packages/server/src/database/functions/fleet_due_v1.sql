-- What wants a look, over all organisations: pauses that are not yet carried out on all runs; runs that live elsewhere, of which
-- nothing was heard for too long or for which something was decided; and whether a run that was cancelled over a call in flight
-- has lost whoever carried that out. Asked every second by every instance: each part is an index of exactly those rows.
create or replace function holdpoint.fleet_due_v1(count_limit integer) returns json
language plpgsql stable security definer set search_path = '' as $$
declare
  -- Variables, since no index is asked about what changes from row to row.
  at constant timestamptz := holdpoint.hp_now();
  real_time constant timestamptz := clock_timestamp();
begin
  return json_build_object(
    'orders', (select coalesce(json_agg(json_build_object('orgId', o.org_id, 'scope', o.scope, 'subject', o.subject)), '[]'::json)
      from (select * from holdpoint.standing_orders o where o.apply_after is not null limit count_limit) o),
    'runs', (select coalesce(json_agg(json_build_object('orgId', d.org_id, 'runId', d.id)), '[]'::json) from (
      (select r.org_id, r.id from holdpoint.runs r
        where r.lost_after is not null and r.lost_after <= at and r.ended_at is null order by r.lost_after limit count_limit)
      union
      (select r.org_id, r.id from holdpoint.runs r
        where r.advance_at is not null and r.advance_at <= at and r.lease_until is null and r.status in ('queued', 'running', 'holding')
          and r.heartbeat_seconds is not null order by r.advance_at limit count_limit)) d),
    'hasLostCalls', exists (select from holdpoint.runs r where r.status = 'cancelled' and r.lease_until is not null and r.lease_until < real_time));
end $$;
alter function holdpoint.fleet_due_v1(integer) owner to hp_definer;
revoke all on function holdpoint.fleet_due_v1(integer) from public;
grant execute on function holdpoint.fleet_due_v1(integer) to hp_app;
