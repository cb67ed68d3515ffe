-- Takes one use of a standing permission, and the action's value of its budget: in the transaction of what proceeds by it.
-- Null where it does not stand any more, or has not enough left. The row's lock makes uses come one after the other, so of
-- many that want the last one exactly one gets it. not_by: whose permission does not count for this action (I9).
create or replace function holdpoint.use_grant_v1(
  org text, grant_id text, tool text, agent text, end_user text, action_value numeric, not_by text, at timestamptz
) returns holdpoint.grants
language sql volatile set search_path = '' as $$
  update holdpoint.grants g set uses_left = g.uses_left - 1, budget_left = g.budget_left - action_value
    where g.org_id = org and g.id = grant_id and g.revoked_at is null and g.expires_at > at and g.tool = use_grant_v1.tool
      and (g.agent_id is null or g.agent_id = agent) and (g.end_user_id is null or g.end_user_id = end_user)
      and (g.uses_left is null or g.uses_left > 0)
      and (g.budget_left is null or action_value between 0 and g.budget_left)
      and g.created_by is distinct from not_by
    returning g.*
$$;
revoke all on function holdpoint.use_grant_v1(text, text, text, text, text, numeric, text, timestamptz) from public;
grant execute on function holdpoint.use_grant_v1(text, text, text, text, text, numeric, text, timestamptz) to hp_app;
