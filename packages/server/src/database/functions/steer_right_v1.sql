-- Who may step into a run: operators and admins, whoever started it, and, where it is no matter for people alone, a key of its
-- agent. Null: may; else the refusal.
create or replace function holdpoint.steer_right_v1(who holdpoint.principal, run holdpoint.runs, is_for_people boolean) returns json
language sql stable set search_path = '' as $$
  select case
    -- First, so that who may step into none learns of none whether it is there.
    when who.kind in ('agent', 'relay') and not ('runs:*' = any (who.scopes)) then
      json_build_object('code', 'not_allowed', 'needs', case when is_for_people then 'person' else 'scope runs:*' end)
    when run.id is null or (who.agent_id is not null and run.agent_id <> who.agent_id) then json_build_object('code', 'not_found')
    when who.kind in ('agent', 'relay') and is_for_people then json_build_object('code', 'not_allowed', 'needs', 'person')
    when who.role is not null and who.role not in ('operator', 'admin') and run.starter_member_id is distinct from who.member_id then
      json_build_object('code', 'not_allowed', 'needs', 'role operator')
  end
$$;
revoke all on function holdpoint.steer_right_v1(holdpoint.principal, holdpoint.runs, boolean) from public;
grant execute on function holdpoint.steer_right_v1(holdpoint.principal, holdpoint.runs, boolean) to hp_app;
