-- Whether a pause is over a run: over an agent's, it is over what that agent has called too.
create or replace function holdpoint.is_over_run_v1(pause holdpoint.standing_orders, run holdpoint.runs) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  case pause.scope
    when 'all' then return true;
    when 'session' then return coalesce(run.session_id = pause.subject, false);
    when 'agent' then
      if run.agent_id = pause.subject or run.ancestors is null then return run.agent_id = pause.subject; end if;
      return exists (select from holdpoint.runs a where a.org_id = run.org_id and a.agent_id = pause.subject
        and a.id in (select json_array_elements_text(run.ancestors)));
    else return false;
  end case;
end $$;
revoke all on function holdpoint.is_over_run_v1(holdpoint.standing_orders, holdpoint.runs) from public;
grant execute on function holdpoint.is_over_run_v1(holdpoint.standing_orders, holdpoint.runs) to hp_app;
