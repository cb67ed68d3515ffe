-- What is put before a person, for the log: the exact action and why it waits (R86, R98).
create or replace function holdpoint.presented_v1(hold holdpoint.holds) returns json
language sql stable as $$
  select json_build_object('holdId', hold.id, 'kind', hold.kind, 'title', hold.title, 'action', hold.action,
    'actionHash', hold.action_hash, 'question', hold.question, 'reversibility', hold.reversibility, 'impact', hold.impact,
    'tier', hold.tier, 'reasons', hold.reasons, 'expiresAt', hold.expires_at, 'onTimeout', hold.on_timeout,
    'toolCallId', hold.tool_call_id)
$$;
revoke all on function holdpoint.presented_v1(holdpoint.holds) from public;
grant execute on function holdpoint.presented_v1(holdpoint.holds) to hp_app, hp_definer;
