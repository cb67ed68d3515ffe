-- Erases entries of the log for an admin and records, in the same transaction (I5), by whom and how many; not of whom. Asked
-- without entries it says only whether the caller may, and of which organisation.
-- command: {credentialHash, eventId, subject, entries: as erase_entries_v1 takes them}. Answers {code: "ok", orgId, erased}.
create or replace function holdpoint.record_erasure_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who record;
  erased integer := 0;
begin
  select * into who from holdpoint.identify_v1(command ->> 'credentialHash');
  if who is null then return json_build_object('code', 'unauthorized'); end if;
  if who.role is distinct from 'admin' then return json_build_object('code', 'not_allowed', 'needs', 'role admin'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  if command -> 'entries' is not null then
    erased := holdpoint.erase_entries_v1(who.org_id, command -> 'entries');
  end if;
  if erased > 0 then
    insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, data)
    values (who.org_id, command ->> 'eventId', 'audit.erased', holdpoint.hp_now(), 'member', who.member_id, who.member_name,
      json_build_object('subject', command ->> 'subject', 'entries', erased));
  end if;
  return json_build_object('code', 'ok', 'orgId', who.org_id, 'erased', erased);
end $$;
revoke all on function holdpoint.record_erasure_v1(json) from public;
grant execute on function holdpoint.record_erasure_v1(json) to hp_app;
