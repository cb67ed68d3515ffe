-- The agent of a run that lives elsewhere, whose holds are its own though their request may not say so; null for any other.
create or replace function holdpoint.agent_of_run_v1(org text, run text) returns text
language plpgsql volatile set search_path = '' as $$
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  return (select r.agent_id from holdpoint.runs r where r.org_id = org and r.id = run and r.heartbeat_seconds is not null);
end $$;
revoke all on function holdpoint.agent_of_run_v1(text, text) from public;
grant execute on function holdpoint.agent_of_run_v1(text, text) to hp_app;
