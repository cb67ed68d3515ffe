-- Makes the partition of the log for ids from lower_id up to upper_id (ids carry their time). Runs as the owner of
-- the tables; repeating it does nothing.
create or replace function holdpoint.ensure_event_partition_v1(suffix text, lower_id text, upper_id text) returns boolean
language plpgsql volatile security definer set search_path = '' as $$
begin
  if suffix !~ '^[0-9]{6}$' or lower_id !~ '^evt_[0-9a-z]{26}$' or upper_id !~ '^evt_[0-9a-z]{26}$' then
    raise exception 'not a partition of events: %, % to %', suffix, lower_id, upper_id;
  end if;
  if to_regclass('holdpoint.events_' || suffix) is not null then return false; end if;
  execute format('create table holdpoint.%I partition of holdpoint.events for values from (%L) to (%L)',
    'events_' || suffix, lower_id, upper_id);
  return true;
end $$;
revoke all on function holdpoint.ensure_event_partition_v1(text, text, text) from public;
grant execute on function holdpoint.ensure_event_partition_v1(text, text, text) to hp_app;
