-- Writes an event of a hold (I5), which gives what the event is about. create_hold_v1 and decide_v1 write theirs in the
-- statement that writes their row.
create or replace function holdpoint.append_hold_event_v1(
  hold holdpoint.holds, event_id text, event_type text, at timestamptz, actor_kind text, actor_id text, actor_name text,
  decision text, rationale text, data json
) returns void
language plpgsql volatile as $$
begin
  insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, decision, rationale,
    action_name, action_hash, hold_id, run_id, tool_call_id, session_id, agent_id, end_user_id, data)
  values (hold.org_id, event_id, event_type, at, actor_kind, actor_id, actor_name, decision, rationale,
    hold.action ->> 'name', hold.action_hash, hold.id, hold.run_id, hold.tool_call_id, hold.session_id, hold.agent_id,
    hold.end_user_id, data);
end $$;
revoke all on function holdpoint.append_hold_event_v1(holdpoint.holds, text, text, timestamptz, text, text, text, text, text, json) from public;
grant execute on function holdpoint.append_hold_event_v1(holdpoint.holds, text, text, timestamptz, text, text, text, text, text, json) to hp_app, hp_definer;
