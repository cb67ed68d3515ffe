-- The first step of deleting a session: it is over with it, or it is refused. From then on nothing is made in it any more.
-- command: {credentialHash or retentionOrgId, sessionId, unusedDays: only where it was not used for so long, or its deletion has begun}
-- Answers {code: "ok", orgId} or {code: "unauthorized" | "not_allowed" | "not_found" | "session_busy" (with run or holdId)}.
create or replace function holdpoint.begin_session_deletion_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  may constant record := holdpoint.session_deleter_v1(command);
  busy json;
begin
  if may.code <> 'ok' then return json_build_object('code', may.code, 'needs', 'role admin'); end if;
  -- As create_run_v1 locks it: a run is either seen here, or finds the session in deletion.
  perform s.id from holdpoint.sessions s where s.org_id = may.org_id and s.id = command ->> 'sessionId' for update;
  if not found then return json_build_object('code', 'not_found'); end if;
  -- Used since it was found.
  if exists (select from holdpoint.sessions s where s.org_id = may.org_id and s.id = command ->> 'sessionId' and s.deleting_at is null
      and s.last_used_at >= holdpoint.hp_now() - make_interval(secs => (command ->> 'unusedDays')::double precision * 86400)) then
    return json_build_object('code', 'session_busy');
  end if;
  busy := holdpoint.what_keeps_session_v1(may.org_id, command ->> 'sessionId');
  if busy is not null then
    update holdpoint.sessions s set deleting_at = null where s.org_id = may.org_id and s.id = command ->> 'sessionId' and s.deleting_at is not null;
    return busy;
  end if;
  update holdpoint.sessions s set deleting_at = holdpoint.hp_now() where s.org_id = may.org_id and s.id = command ->> 'sessionId';
  -- What people judged of it, while the log still tells whose it was.
  perform holdpoint.purge_session_samples_v1(may.org_id, command ->> 'sessionId');
  return json_build_object('code', 'ok', 'orgId', may.org_id);
end $$;
revoke all on function holdpoint.begin_session_deletion_v1(json) from public;
grant execute on function holdpoint.begin_session_deletion_v1(json) to hp_app;
