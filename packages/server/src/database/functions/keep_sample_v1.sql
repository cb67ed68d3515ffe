-- Keeps an action that proceeds by itself for people to judge, in the transaction in which it proceeds.
-- command: that of proceed_v1 or start_call_v1, with sampleId.
create or replace function holdpoint.keep_sample_v1(
  claim holdpoint.claims, command json, agent text, end_user text, action json, at timestamptz
) returns void
language sql volatile set search_path = '' as $$
  insert into holdpoint.samples (org_id, id, rule, policy_version, agent_id, end_user_id, run_id, tool_call_id, claim_id,
      confidence, action, action_hash, created_at)
    values (claim.org_id, command ->> 'sampleId', command ->> 'rule', coalesce((command ->> 'policyVersion')::integer, 0), agent,
      end_user, claim.run_id, claim.tool_call_id, claim.id, (command #>> '{facts,confidence}')::double precision, action,
      claim.action_hash, at)
$$;
revoke all on function holdpoint.keep_sample_v1(holdpoint.claims, json, text, text, json, timestamptz) from public;
grant execute on function holdpoint.keep_sample_v1(holdpoint.claims, json, text, text, json, timestamptz) to hp_app;
