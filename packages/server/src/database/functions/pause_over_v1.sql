-- The standing pause over a run; null where there is none. The widest of several.
create or replace function holdpoint.pause_over_v1(run holdpoint.runs) returns holdpoint.standing_orders
language plpgsql stable set search_path = '' as $$
declare found_one holdpoint.standing_orders;
begin
  select o.* into found_one from holdpoint.standing_orders o
    where o.org_id = run.org_id and o.kind = 'pause' and o.lifted_at is null and holdpoint.is_over_run_v1(o, run)
    order by case o.scope when 'all' then 1 when 'agent' then 2 else 3 end limit 1;
  return found_one;
end $$;
revoke all on function holdpoint.pause_over_v1(holdpoint.runs) from public;
grant execute on function holdpoint.pause_over_v1(holdpoint.runs) to hp_app;
