-- The standing pause over a run of this agent and session; null where there is none. The widest of several.
create or replace function holdpoint.pause_over_v1(org text, agent text, session text) returns holdpoint.standing_orders
language sql stable set search_path = '' as $$
  select o from holdpoint.standing_orders o
    where o.org_id = org and o.kind = 'pause' and o.lifted_at is null
      and (o.scope = 'all' or o.scope = 'agent' and o.subject = agent or o.scope = 'session' and o.subject = session)
    order by case o.scope when 'all' then 1 when 'agent' then 2 else 3 end limit 1
$$;
revoke all on function holdpoint.pause_over_v1(text, text, text) from public;
grant execute on function holdpoint.pause_over_v1(text, text, text) to hp_app;
