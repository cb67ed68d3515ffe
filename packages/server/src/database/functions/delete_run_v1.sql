-- Deletes a run that is over with everything of it, and the runs that it called with theirs, in one transaction with its event (I5).
-- Of the log nothing is erased: that is what deleting the session or erasing the end user is for. For an admin.
-- command: {credentialHash, runId, eventId}
-- Answers {code: "ok", orgId, runs, holds} or {code: "unauthorized" | "not_allowed" | "not_found" | "nested" (with runId: the outermost
-- run above it, with which it goes)} or what_keeps_run_v1's.
--
-- Locks: the session, as whoever makes a run in it; then the holds, then the runs by id, as whoever decides.
create or replace function holdpoint.delete_run_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  may constant record := holdpoint.session_deleter_v1(command);
  run holdpoint.runs;
  all_runs text[];
  holds text[];
  deleting_at timestamptz;
  done json;
  kept json;
begin
  if may.code <> 'ok' then return json_build_object('code', may.code, 'needs', 'role admin'); end if;
  -- Repeated after a lost connection.
  select e.data into done from holdpoint.events e where e.org_id = may.org_id and e.id = command ->> 'eventId';
  if done is not null then
    return json_build_object('code', 'ok', 'orgId', may.org_id, 'runs', done -> 'runs', 'holds', done -> 'holds');
  end if;
  select s.deleting_at into deleting_at from holdpoint.sessions s where s.org_id = may.org_id
    and s.id = (select r.session_id from holdpoint.runs r where r.org_id = may.org_id and r.id = command ->> 'runId') for update;
  -- It goes with its session, of which nothing more is written into the log.
  if deleting_at is not null then return json_build_object('code', 'not_found'); end if;
  all_runs := array_append(holdpoint.runs_below_v1(may.org_id, command ->> 'runId'), command ->> 'runId');
  perform h.id from holdpoint.holds h where h.org_id = may.org_id and h.run_id = any (all_runs) and h.run_id is not null order by h.id for update;
  perform r.id from holdpoint.runs r where r.org_id = may.org_id and r.id = any (all_runs) order by r.id for update;
  select * into run from holdpoint.runs r where r.org_id = may.org_id and r.id = command ->> 'runId';
  if run.id is null then return json_build_object('code', 'not_found'); end if;
  if run.parent_run_id is not null then return json_build_object('code', 'nested', 'runId', run.ancestors ->> 0); end if;
  kept := holdpoint.what_keeps_run_v1(run, all_runs);
  if kept is not null then return kept; end if;
  -- A question that another run has asked too is that run's: before all of one that is not over.
  update holdpoint.holds h set run_id = other.run_id, tool_call_id = other.tool_call_id, session_id = other.session_id
    from (select distinct on (a.hold_id) a.hold_id, a.run_id, a.tool_call_id, r.session_id from holdpoint.holds mine
        join holdpoint.asks a on a.org_id = mine.org_id and a.hold_id = mine.id
        join holdpoint.runs r on r.org_id = a.org_id and r.id = a.run_id and r.id <> all (all_runs)
        where mine.org_id = may.org_id and mine.run_id = any (all_runs) and mine.run_id is not null
        order by a.hold_id, r.ended_at is not null, a.id) other
    where h.org_id = may.org_id and h.id = other.hold_id;
  holds := array(select h.id from holdpoint.holds h where h.org_id = may.org_id and h.run_id = any (all_runs) and h.run_id is not null);
  insert into holdpoint.deleted_runs (org_id, session_id, id)
    select r.org_id, r.session_id, r.id from holdpoint.runs r
      where r.org_id = may.org_id and r.id = any (all_runs) and r.session_id is not null;
  perform holdpoint.append_run_event_v1(run, json_build_object('id', command ->> 'eventId', 'type', 'run.deleted',
    'actorKind', may.kind, 'actorId', may.id, 'actorName', may.name,
    'data', json_build_object('runs', cardinality(all_runs), 'holds', cardinality(holds))), holdpoint.hp_now());
  perform holdpoint.purge_runs_v1(may.org_id, all_runs, holds);
  return json_build_object('code', 'ok', 'orgId', may.org_id, 'runs', cardinality(all_runs), 'holds', cardinality(holds));
end $$;
revoke all on function holdpoint.delete_run_v1(json) from public;
grant execute on function holdpoint.delete_run_v1(json) to hp_app;
