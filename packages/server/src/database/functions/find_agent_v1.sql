-- An agent that was made over the API; null where there is none of that id.
create or replace function holdpoint.find_agent_v1(org text, agent text) returns json
language plpgsql volatile set search_path = '' as $$
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  return (select row_to_json(a) from holdpoint.agents a where a.org_id = org and a.id = agent and a.deleted_at is null);
end $$;
revoke all on function holdpoint.find_agent_v1(text, text) from public;
grant execute on function holdpoint.find_agent_v1(text, text) to hp_app;
