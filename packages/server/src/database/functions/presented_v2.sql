-- What is put before a person, for the log: the exact action and why it waits (R86, R98), what the policy was asked about,
-- and what the version that runs beside would have done.
create or replace function holdpoint.presented_v2(hold holdpoint.holds, shadow json) returns json
language sql stable as $$
  select json_build_object('holdId', hold.id, 'kind', hold.kind, 'title', hold.title, 'action', hold.action,
    'actionHash', hold.action_hash, 'question', hold.question, 'reversibility', hold.reversibility, 'impact', hold.impact,
    'tier', hold.tier, 'level', hold.level, 'rule', hold.rule, 'route', hold.route, 'policyVersion', hold.policy_version,
    'reasons', hold.reasons, 'expiresAt', hold.expires_at, 'onTimeout', hold.on_timeout,
    'toolCallId', hold.tool_call_id, 'path', hold.path, 'facts', hold.facts, 'shadow', shadow,
    'message', case when hold.kind = 'authorization' then 'Authorization needs to be completed.' end)
$$;
revoke all on function holdpoint.presented_v2(holdpoint.holds, json) from public;
grant execute on function holdpoint.presented_v2(holdpoint.holds, json) to hp_app, hp_definer;
