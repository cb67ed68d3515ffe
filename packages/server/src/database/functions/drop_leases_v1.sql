-- Ends leases at once, instead of when they lapse: all of a worker that stops (worker_id), or all there are (null) when
-- a restarted service is the only one on its database, so that whoever held them is dead. Answers how many.
create or replace function holdpoint.drop_leases_v1(worker_id text) returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare dropped integer;
begin
  update holdpoint.runs r set lease_owner = null, lease_until = null, lease_epoch = r.lease_epoch + 1,
      advance_at = holdpoint.hp_now()
    where r.lease_until is not null and r.status <> 'cancelled' and (worker_id is null or r.lease_owner = worker_id);
  get diagnostics dropped = row_count;
  -- What was in flight when they were cancelled is nobody's any more: lose_calls_v1 finds it at its next look.
  update holdpoint.runs r set lease_until = '-infinity'
    where r.lease_until is not null and r.status = 'cancelled' and (worker_id is null or r.lease_owner = worker_id);
  return dropped;
end $$;
alter function holdpoint.drop_leases_v1(text) owner to hp_definer;
revoke all on function holdpoint.drop_leases_v1(text) from public;
grant execute on function holdpoint.drop_leases_v1(text) to hp_app;
