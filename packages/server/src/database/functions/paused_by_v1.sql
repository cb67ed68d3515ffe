-- Whose pause it is that is over a run, or is asked for: member | agent | system (what was done to the run that called it). Null where
-- there is none. An order of a person's that is over it counts before what else pauses it. Called with the run's row locked.
create or replace function holdpoint.paused_by_v1(run holdpoint.runs) returns text
language plpgsql stable set search_path = '' as $$
begin
  if run.status <> 'paused' and not run.pause_requested then return null; end if;
  if exists (select from holdpoint.standing_orders o
    where o.org_id = run.org_id and o.kind = 'pause' and o.lifted_at is null and o.given_by ->> 'kind' <> 'agent'
      and (o.scope = 'all' or o.scope = 'agent' and o.subject = run.agent_id or o.scope = 'session' and o.subject = run.session_id)) then
    return 'member';
  end if;
  if run.status <> 'paused' then return run.pause_asked ->> 'kind'; end if;
  return (select e.actor_kind from holdpoint.events e
    where e.org_id = run.org_id and e.run_id = run.id and e.run_id is not null and e.type = 'run.paused'
    order by e.xid desc, e.id desc limit 1);
end $$;
revoke all on function holdpoint.paused_by_v1(holdpoint.runs) from public;
grant execute on function holdpoint.paused_by_v1(holdpoint.runs) to hp_app;
