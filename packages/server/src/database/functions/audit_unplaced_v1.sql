-- How many events of an end user or a session, or of a run of it, have no leaf yet. filter: {endUserId} or {sessionId}
create or replace function holdpoint.audit_unplaced_v1(org text, filter json) returns integer
language plpgsql volatile set search_path = '' as $$
declare runs text[];
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  runs := holdpoint.runs_of_session_v1(org, filter ->> 'sessionId');
  return (select count(*) from holdpoint.events e where e.org_id = org
    and (e.end_user_id = filter ->> 'endUserId' or e.session_id = filter ->> 'sessionId' or e.run_id = any (runs) and e.run_id is not null)
    and not exists (select from holdpoint.audit_leaves l where l.org_id = org and l.event_id = e.id));
end $$;
revoke all on function holdpoint.audit_unplaced_v1(text, json) from public;
grant execute on function holdpoint.audit_unplaced_v1(text, json) to hp_app;
