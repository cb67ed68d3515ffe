-- A call of a run becomes another agent's run, in the transaction in which the call is suspended (commit_run_v1). It belongs to
-- whom the caller belongs to: end user, metadata, session and starter are the caller's, and so is a pause that was asked for.
-- child: {id, agentId, callId, input, model, maxSteps, ancestors, path, message, messageId}
-- Made once a call: of a call that is suspended again there is one already.
create or replace function holdpoint.call_agent_v1(caller holdpoint.runs, child json, at timestamptz) returns void
language plpgsql volatile set search_path = '' as $$
declare
  made holdpoint.runs;
  before holdpoint.runs;
begin
  insert into holdpoint.runs (org_id, id, agent_id, status, version, input, session_id, end_user_id, metadata, model, max_steps,
      starter, starter_kind, starter_name, starter_member_id, created_at, advance_at, pause_requested, pause_asked,
      parent_run_id, parent_call_id, ancestors, path)
    values (caller.org_id, child ->> 'id', child ->> 'agentId', 'queued', 1, child -> 'input', caller.session_id, caller.end_user_id,
      caller.metadata, child ->> 'model', (child ->> 'maxSteps')::integer, caller.starter, caller.starter_kind, caller.starter_name,
      caller.starter_member_id, at, at, caller.pause_requested or caller.status = 'paused', caller.pause_asked,
      caller.id, child ->> 'callId', child -> 'ancestors', child -> 'path')
    on conflict do nothing returning * into made;
  if not found then return; end if;
  insert into holdpoint.messages (org_id, id, run_id, position, role, message, created_at)
    values (caller.org_id, child ->> 'messageId', child ->> 'id', 0, 'user', child -> 'message', at);
  -- The caller goes on from another run, whose call had begun: what its agent had done by then is not done again either.
  if caller.forked_from is not null then
    select k.* into before from holdpoint.fork_actions f join holdpoint.runs k on k.org_id = f.org_id and k.parent_run_id = f.from_run_id
        and k.parent_call_id = f.tool_call_id
      where f.org_id = caller.org_id and f.run_id = caller.id and f.reused_by = child ->> 'callId';
    if found then
      update holdpoint.runs r set forked_from = before.id, forked_step = 1 where r.org_id = made.org_id and r.id = made.id;
      perform holdpoint.keep_fork_actions_v1(made, before.id, 1);
    end if;
  end if;
  update holdpoint.runs r set has_children = true where r.org_id = caller.org_id and r.id = caller.id and r.has_children is not true;
end $$;
revoke all on function holdpoint.call_agent_v1(holdpoint.runs, json, timestamptz) from public;
grant execute on function holdpoint.call_agent_v1(holdpoint.runs, json, timestamptz) to hp_app;
