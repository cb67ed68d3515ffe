-- What a run has executed by a step and later is kept for one that goes on from it: that takes it over instead of doing it again.
-- Called where such a run is made: by fork_run_v1, and by call_agent_v1 for the agents that it calls again.
create or replace function holdpoint.keep_actions_v1(run holdpoint.runs, origin holdpoint.runs, from_step integer) returns void
language plpgsql volatile set search_path = '' as $$
begin
  insert into holdpoint.fork_actions (org_id, run_id, tool_call_id, from_run_id, position, name, proposed, arguments, status, result, error)
    select run.org_id, run.id, done.id, done.from_run_id, row_number() over (order by done.own, done.step, done.position), done.name, done.proposed,
        done.arguments, done.status, done.result, done.error
      from (
        select c.id, origin.id as from_run_id, 1 as own, c.step, c.position, c.name, c.arguments as proposed,
            coalesce(h.outcome -> 'arguments', c.arguments) as arguments,
            case when c.status = 'succeeded' or c.error ->> 'code' in ('result_invalid', 'hook_failed') then c.status else 'cancelled' end as status,
            c.result, c.error
          from holdpoint.tool_calls c
          left join holdpoint.holds h on h.org_id = c.org_id and h.id = c.hold_id and h.status in ('approved', 'modified')
          where c.org_id = origin.org_id and c.run_id = origin.id and c.step >= from_step
            -- Executed, though its result could not be told; or begun, with something that must not be done twice: what it kept
            -- itself, or what the agent did that it called.
            and (c.status = 'succeeded' or c.status = 'failed' and c.error ->> 'code' in ('result_invalid', 'hook_failed')
              or exists (select from holdpoint.once_results o where o.org_id = c.org_id and o.tool_call_id = c.id)
              or origin.has_children and exists (select from holdpoint.runs k
                where k.org_id = c.org_id and k.parent_run_id = c.run_id and k.parent_call_id = c.id))
        union all
        -- What that run itself had to take over and has not come to.
        select f.tool_call_id, f.from_run_id, 0, 0, f.position, f.name, f.proposed, f.arguments, f.status, f.result, f.error
          from holdpoint.fork_actions f where f.org_id = origin.org_id and f.run_id = origin.id and f.reused_by is null
      ) done;
end $$;
revoke all on function holdpoint.keep_actions_v1(holdpoint.runs, holdpoint.runs, integer) from public;
grant execute on function holdpoint.keep_actions_v1(holdpoint.runs, holdpoint.runs, integer) to hp_app;
