-- What proceeded by itself in a session, also of agents elsewhere: its samples, and its claims with why they were given and the
-- keys of the requests. Only the log says which those are.
create or replace function holdpoint.purge_session_samples_v1(org text, session text) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  runs constant text[] := holdpoint.runs_of_session_v1(org, session);
  claims constant text[] := array(select e.data ->> 'claimId' from holdpoint.events e
    where e.org_id = org and (e.session_id = session and e.session_id is not null or e.run_id = any (runs) and e.run_id is not null)
      and e.type = 'action.auto_proceeded');
begin
  delete from holdpoint.samples s where s.org_id = org and s.claim_id = any (claims);
  delete from holdpoint.claims c where c.org_id = org and c.id = any (claims);
end $$;
alter function holdpoint.purge_session_samples_v1(text, text) owner to hp_eraser;
revoke all on function holdpoint.purge_session_samples_v1(text, text) from public;
grant execute on function holdpoint.purge_session_samples_v1(text, text) to hp_app;
