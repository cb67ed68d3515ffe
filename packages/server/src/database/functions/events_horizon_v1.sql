-- Where a stream that starts now begins: every event from here on, also of transactions that are under way, is later.
create or replace function holdpoint.events_horizon_v1() returns text
language sql stable set search_path = '' as
$$ select pg_snapshot_xmin(pg_current_snapshot())::text $$;
