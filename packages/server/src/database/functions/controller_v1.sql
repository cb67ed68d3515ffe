-- Who takes a run in hand: whose credential it is, or, for a run that another one called, the service itself, which does to it
-- what was done to its caller. command: {credentialHash} or {orgId, runId, parentRunId}.
create or replace function holdpoint.controller_v1(command json) returns holdpoint.principal
language plpgsql volatile set search_path = '' as $$
declare who holdpoint.principal;
begin
  if command ->> 'credentialHash' is not null then return holdpoint.identify_v1(command ->> 'credentialHash'); end if;
  perform pg_catalog.set_config('hp.org_id', command ->> 'orgId', true);
  if exists (select from holdpoint.runs r where r.org_id = command ->> 'orgId' and r.id = command ->> 'runId'
      and r.parent_run_id = command ->> 'parentRunId') then
    who.org_id := command ->> 'orgId';
    who.kind := 'system';
    who.principal_id := command ->> 'parentRunId';
  end if;
  return who;
end $$;
revoke all on function holdpoint.controller_v1(json) from public;
grant execute on function holdpoint.controller_v1(json) to hp_app;
