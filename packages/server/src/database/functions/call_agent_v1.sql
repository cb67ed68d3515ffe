-- A call of a run becomes another agent's run, in the transaction in which the call is suspended (commit_run_v1). It belongs to
-- whom the caller belongs to: end user, metadata, session and starter are the caller's, and so is a pause that was asked for.
-- child: {id, agentId, callId, input, model, maxSteps, ancestors, path, message, messageId}
-- Made once a call: of a call that is suspended again there is one already.
create or replace function holdpoint.call_agent_v1(caller holdpoint.runs, child json, at timestamptz) returns void
language plpgsql volatile set search_path = '' as $$
declare
  run holdpoint.runs;
  earlier holdpoint.runs;
begin
  run.org_id := caller.org_id;
  run.id := child ->> 'id';
  run.agent_id := child ->> 'agentId';
  run.status := 'queued';
  run.version := 1;
  run.input := child -> 'input';
  run.session_id := caller.session_id;
  run.end_user_id := caller.end_user_id;
  run.metadata := caller.metadata;
  run.model := child ->> 'model';
  run.step := 0;
  run.max_steps := (child ->> 'maxSteps')::integer;
  run.model_attempts := 0;
  run.starter := caller.starter;
  run.starter_kind := caller.starter_kind;
  run.starter_name := caller.starter_name;
  run.starter_member_id := caller.starter_member_id;
  run.created_at := at;
  run.advance_at := at;
  run.lease_epoch := 0;
  run.cancel_requested := false;
  -- A pause by order is not inherited: whether one stands is looked at below, or one that is being lifted would be missed here.
  run.pause_requested := (caller.pause_requested or caller.status = 'paused') and caller.pause_scope is null;
  run.pause_asked := case when run.pause_requested then caller.pause_asked end;
  run.parent_run_id := caller.id;
  run.parent_call_id := child ->> 'callId';
  run.ancestors := child -> 'ancestors';
  run.path := child -> 'path';
  if not run.pause_requested then run := holdpoint.under_orders_v1(run); end if;
  -- Called for a call that the run before the caller had begun: it goes on from what that one's agent has executed.
  if caller.forked_from is not null then
    select r.* into earlier from holdpoint.fork_actions f
      join holdpoint.runs r on r.org_id = f.org_id and r.parent_run_id = f.from_run_id and r.parent_call_id = f.tool_call_id
      where f.org_id = caller.org_id and f.run_id = caller.id and f.reused_by = run.parent_call_id and r.agent_id = run.agent_id;
    if earlier.id is not null then
      run.forked_from := earlier.id;
      run.forked_step := 1;
    end if;
  end if;
  insert into holdpoint.runs select (run).* on conflict do nothing;
  if not found then return; end if;
  if earlier.id is not null then perform holdpoint.keep_fork_actions_v1(run, earlier, 1); end if;
  insert into holdpoint.messages (org_id, id, run_id, position, role, message, created_at, step)
    values (run.org_id, child ->> 'messageId', run.id, 0, 'user', child -> 'message', at, 1);
  update holdpoint.runs r set has_children = true where r.org_id = caller.org_id and r.id = caller.id and r.has_children is not true;
end $$;
revoke all on function holdpoint.call_agent_v1(holdpoint.runs, json, timestamptz) from public;
grant execute on function holdpoint.call_agent_v1(holdpoint.runs, json, timestamptz) to hp_app;
