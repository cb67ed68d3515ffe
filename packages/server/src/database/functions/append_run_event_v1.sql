-- Writes an event of a run (I5). event: {id, type, data, toolCallId?, holdId?, actionName?, actionHash?, actorKind?,
-- actorId?, actorName?}. Without an actor it is the run's agent that acts.
create or replace function holdpoint.append_run_event_v1(run holdpoint.runs, event json, at timestamptz) returns void
language plpgsql volatile set search_path = '' as $$
begin
  insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, action_name, action_hash,
    hold_id, run_id, tool_call_id, session_id, agent_id, end_user_id, data)
  values (run.org_id, event ->> 'id', event ->> 'type', at, coalesce(event ->> 'actorKind', 'agent'),
    case when event ->> 'actorKind' is null then run.agent_id else event ->> 'actorId' end, event ->> 'actorName',
    event ->> 'actionName', event ->> 'actionHash', event ->> 'holdId', run.id, event ->> 'toolCallId', run.session_id,
    run.agent_id, run.end_user_id, coalesce(event -> 'data', '{}'::json));
end $$;
revoke all on function holdpoint.append_run_event_v1(holdpoint.runs, json, timestamptz) from public;
grant execute on function holdpoint.append_run_event_v1(holdpoint.runs, json, timestamptz) to hp_app, hp_definer;
