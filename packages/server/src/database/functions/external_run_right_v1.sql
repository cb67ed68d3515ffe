-- Who may speak for a run that lives elsewhere: a key of its agent, or an operator. Null: may; else the refusal.
create or replace function holdpoint.external_run_right_v1(who holdpoint.principal, run holdpoint.runs) returns json
language sql stable set search_path = '' as $$
  select case
    when who.kind in ('agent', 'relay') and not ('runs:*' = any (who.scopes)) then
      json_build_object('code', 'not_allowed', 'needs', 'scope runs:*')
    when run.id is null or (who.agent_id is not null and run.agent_id <> who.agent_id) then json_build_object('code', 'not_found')
    when who.role is not null and who.role not in ('operator', 'admin') then
      json_build_object('code', 'not_allowed', 'needs', 'role operator')
    when run.heartbeat_seconds is null then json_build_object('code', 'not_external', 'run', row_to_json(run))
  end
$$;
revoke all on function holdpoint.external_run_right_v1(holdpoint.principal, holdpoint.runs) from public;
grant execute on function holdpoint.external_run_right_v1(holdpoint.principal, holdpoint.runs) to hp_app;
