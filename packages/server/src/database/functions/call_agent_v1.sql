-- A call of a run becomes another agent's run, in the transaction in which the call is suspended (commit_run_v1). It belongs to
-- whom the caller belongs to: end user, metadata, session and starter are the caller's, and so is a pause that was asked for.
-- child: {id, agentId, callId, input, model, maxSteps, ancestors, path, message, messageId}
-- Made once a call: of a call that is suspended again there is one already.
create or replace function holdpoint.call_agent_v1(caller holdpoint.runs, child json, at timestamptz) returns void
language plpgsql volatile set search_path = '' as $$
declare
  run holdpoint.runs;
  begun holdpoint.runs;
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
  run.pause_requested := false;
  run.parent_run_id := caller.id;
  run.parent_call_id := child ->> 'callId';
  run.ancestors := child -> 'ancestors';
  run.path := child -> 'path';
  -- Somebody pauses the caller alone: what is done to it goes down. What an order asks of the caller, the order asks of this one
  -- too, if it still stands: lifted in this moment, nobody would take it back from a run that was not there yet.
  if caller.pause_requested and caller.pause_scope is null then
    run.pause_requested := true;
    run.pause_asked := caller.pause_asked;
  else
    run := holdpoint.under_orders_v1(run);
  end if;
  -- The call was begun in the run that the caller goes on from: what the agent executed there is not executed again.
  if caller.forked_from is not null then
    select k.* into begun from holdpoint.fork_actions f
      join holdpoint.runs k on k.org_id = f.org_id and k.parent_run_id = f.from_run_id and k.parent_call_id = f.tool_call_id
      where f.org_id = caller.org_id and f.run_id = caller.id and f.reused_by = child ->> 'callId';
    run.forked_from := begun.id;
    run.forked_step := case when begun.id is not null then 1 end;
  end if;
  insert into holdpoint.runs select (run).* on conflict do nothing;
  if not found then return; end if;
  if begun.id is not null then perform holdpoint.keep_actions_v1(run, begun, 1); end if;
  insert into holdpoint.messages (org_id, id, run_id, position, role, message, created_at, step)
    values (run.org_id, child ->> 'messageId', run.id, 0, 'user', child -> 'message', at, 1);
  update holdpoint.runs r set has_children = true where r.org_id = caller.org_id and r.id = caller.id and r.has_children is not true;
end $$;
revoke all on function holdpoint.call_agent_v1(holdpoint.runs, json, timestamptz) from public;
grant execute on function holdpoint.call_agent_v1(holdpoint.runs, json, timestamptz) to hp_app;
