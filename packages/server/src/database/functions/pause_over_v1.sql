-- The standing pause over a run; null where there is none. The widest of several.
create or replace function holdpoint.pause_over_v1(run holdpoint.runs) returns holdpoint.standing_orders
language sql stable set search_path = '' as $$
  select o from holdpoint.standing_orders o
    where o.org_id = run.org_id and o.kind = 'pause' and o.lifted_at is null
      and (o.scope = 'all' or o.scope = 'agent' and o.subject = any (holdpoint.agents_over_v1(run))
        or o.scope = 'session' and o.subject = run.session_id)
    order by case o.scope when 'all' then 1 when 'agent' then 2 else 3 end limit 1
$$;
revoke all on function holdpoint.pause_over_v1(holdpoint.runs) from public;
grant execute on function holdpoint.pause_over_v1(holdpoint.runs) to hp_app;
