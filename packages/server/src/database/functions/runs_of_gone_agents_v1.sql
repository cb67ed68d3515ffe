-- Over all organisations: runs that wait for a person, of agents that are not among those known. With is_over they are due, for a
-- worker to end them. [{agentId, runs}] By the open holds, which are few, and not by the runs, which are many.
create or replace function holdpoint.runs_of_gone_agents_v1(known text[], is_over boolean) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare
  gone json;
begin
  with waiting as (
    select r.org_id, r.id, r.agent_id from holdpoint.runs r
    where r.status = 'holding' and r.heartbeat_seconds is null and r.agent_id <> all (known)
      and not exists (select from holdpoint.agents a where a.org_id = r.org_id and a.id = r.agent_id and a.deleted_at is null) and (r.org_id, r.id) in (
      select h.org_id, h.run_id from holdpoint.holds h where h.status = 'pending' and h.run_id is not null and h.tool_call_id is not null)
  ), due as (
    update holdpoint.runs r set advance_at = holdpoint.hp_now() from waiting w
    where is_over and r.org_id = w.org_id and r.id = w.id and r.status = 'holding' and r.advance_at is null
  )
  select coalesce(json_agg(json_build_object('agentId', g.agent_id, 'runs', g.runs)), '[]'::json) into gone
    from (select w.agent_id, count(*) as runs from waiting w group by w.agent_id) g;
  return gone;
end $$;
alter function holdpoint.runs_of_gone_agents_v1(text[], boolean) owner to hp_definer;
revoke all on function holdpoint.runs_of_gone_agents_v1(text[], boolean) from public;
grant execute on function holdpoint.runs_of_gone_agents_v1(text[], boolean) to hp_app;
