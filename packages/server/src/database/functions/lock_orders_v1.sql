-- Orders and what they stand over do not pass each other by: whoever makes a run locks shared, and sees each order or is seen
-- by it; whoever gives one has the order's row, if there is one, locks alone, and waits for no run.
create or replace function holdpoint.lock_orders_v1(org text, is_alone boolean) returns void
language plpgsql volatile set search_path = '' as $$
declare key constant bigint := hashtextextended('standing_orders:' || org, 0);
begin
  if is_alone then perform pg_advisory_xact_lock(key); else perform pg_advisory_xact_lock_shared(key); end if;
end $$;
revoke all on function holdpoint.lock_orders_v1(text, boolean) from public;
grant execute on function holdpoint.lock_orders_v1(text, boolean) to hp_app;
