-- That somebody erased personal data from the log, and how much. Only an admin may; asked before anything is erased
-- (without an event id) and again when it is recorded. command: {credentialHash, eventId, subject, entries}
create or replace function holdpoint.record_erasure_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who record;
begin
  select * into who from holdpoint.identify_v1(command ->> 'credentialHash');
  if who is null then return json_build_object('code', 'unauthorized'); end if;
  if who.role is distinct from 'admin' then return json_build_object('code', 'not_allowed', 'needs', 'role admin'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  if command ->> 'eventId' is not null then
    insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, data)
    values (who.org_id, command ->> 'eventId', 'audit.erased', holdpoint.hp_now(), 'member', who.member_id, who.member_name,
      json_build_object('subject', command ->> 'subject', 'entries', command -> 'entries'));
  end if;
  return json_build_object('code', 'ok', 'orgId', who.org_id);
end $$;
revoke all on function holdpoint.record_erasure_v1(json) from public;
grant execute on function holdpoint.record_erasure_v1(json) to hp_app;
