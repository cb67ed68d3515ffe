-- Samples of what proceeded by itself in a session, also of agents elsewhere: only the log says which those are.
create or replace function holdpoint.purge_session_samples_v1(org text, session text) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  delete from holdpoint.samples s where s.org_id = org and s.claim_id in (select e.data ->> 'claimId' from holdpoint.events e
    where e.org_id = org and e.session_id = session and e.session_id is not null and e.type = 'action.auto_proceeded');
end $$;
alter function holdpoint.purge_session_samples_v1(text, text) owner to hp_eraser;
revoke all on function holdpoint.purge_session_samples_v1(text, text) from public;
grant execute on function holdpoint.purge_session_samples_v1(text, text) to hp_app;
