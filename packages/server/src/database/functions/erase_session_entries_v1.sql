-- The second step: erases entries of the log, a page at a time, and records in the same transaction (I5) by whom and how many; not
-- of which session. command: {credentialHash or retentionOrgId, eventId, entries: as erase_entries_v1 takes them}
create or replace function holdpoint.erase_session_entries_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  may constant record := holdpoint.session_deleter_v1(command);
  erased integer;
begin
  if may.code <> 'ok' then return json_build_object('code', may.code, 'needs', 'role admin'); end if;
  erased := holdpoint.erase_entries_v1(may.org_id, command -> 'entries');
  if erased > 0 then
    insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, data)
      values (may.org_id, command ->> 'eventId', 'audit.erased', holdpoint.hp_now(), may.kind, may.id, may.name,
        json_build_object('subject', 'session', 'entries', erased));
  end if;
  return json_build_object('code', 'ok', 'erased', erased);
end $$;
revoke all on function holdpoint.erase_session_entries_v1(json) from public;
grant execute on function holdpoint.erase_session_entries_v1(json) to hp_app;
