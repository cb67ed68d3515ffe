-- The last step: the session with everything that is personal in it is gone, and the log says that one is; not whose.
-- command: {credentialHash or retentionOrgId, sessionId, entries: how many were erased, eventId}
-- Answers {code: "ok", runs, holds} or {code: "unauthorized" | "not_allowed" | "not_found" | "session_busy"}.
create or replace function holdpoint.delete_session_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  may constant record := holdpoint.session_deleter_v1(command);
  session constant text := command ->> 'sessionId';
  done json;
  busy json;
  gone json;
begin
  if may.code <> 'ok' then return json_build_object('code', may.code, 'needs', 'role admin'); end if;
  -- Repeated after a lost connection.
  select e.data into done from holdpoint.events e where e.org_id = may.org_id and e.id = command ->> 'eventId';
  if done is not null then return json_build_object('code', 'ok', 'runs', done -> 'runs', 'holds', done -> 'holds'); end if;
  perform s.id from holdpoint.sessions s where s.org_id = may.org_id and s.id = session and s.deleting_at is not null for update;
  if not found then return json_build_object('code', 'not_found'); end if;
  busy := holdpoint.what_keeps_session_v1(may.org_id, session);
  if busy is not null then return busy; end if;
  -- A question that another session's run waits for too is that run's.
  update holdpoint.holds h set run_id = other.run_id, tool_call_id = other.tool_call_id, session_id = other.session_id
    from (select distinct on (a.hold_id) a.hold_id, a.run_id, a.tool_call_id, r.session_id from holdpoint.holds mine
        join holdpoint.asks a on a.org_id = mine.org_id and a.hold_id = mine.id
        join holdpoint.runs r on r.org_id = a.org_id and r.id = a.run_id and r.ended_at is null
        where mine.org_id = may.org_id and mine.session_id = session
        order by a.hold_id, a.id) other
    where h.org_id = may.org_id and h.id = other.hold_id;
  gone := holdpoint.purge_session_v1(may.org_id, session);
  insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, data)
    values (may.org_id, command ->> 'eventId', 'session.deleted', holdpoint.hp_now(), may.kind, may.id, may.name,
      json_build_object('runs', gone -> 'runs', 'holds', gone -> 'holds', 'entries', command -> 'entries'));
  return json_build_object('code', 'ok', 'runs', gone -> 'runs', 'holds', gone -> 'holds');
end $$;
revoke all on function holdpoint.delete_session_v1(json) from public;
grant execute on function holdpoint.delete_session_v1(json) to hp_app;
