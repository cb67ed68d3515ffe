-- A sign of life of a run that lives elsewhere, and what it is to do: {control: "run" | "pause" | "cancel"}. Where it is at an
-- interrupt point a pause that was asked for takes effect with it.
--
-- command: {credentialHash, runId, isInterruptPoint, steps, text, heard: [ids of run_notes], eventIds: [found, paused, settled]}
-- Answers {code: "ok", control, run, notes: [{id, text}] (words that it has not heard, or null), hasChanged} or {code: "unauthorized" | "not_allowed" | "not_found" | "not_external" | "run_ended", run};
-- to a cancelled one it is said as often as it asks.
-- Locks: its open holds, which are unmarked where it was lost; then the run.
create or replace function holdpoint.heartbeat_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(command ->> 'credentialHash');
  run holdpoint.runs;
  refused json;
  asked json;
  was_lost boolean;
  version_before integer;
  heard integer;
  at timestamptz;
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  select * into run from holdpoint.runs r where r.org_id = who.org_id and r.id = command ->> 'runId';
  refused := holdpoint.external_run_right_v1(who, run);
  if refused is not null then return refused; end if;
  was_lost := run.lost_at is not null;
  if was_lost then
    perform h.id from holdpoint.holds h where h.org_id = run.org_id and h.run_id = run.id and h.run_lost_at is not null
      order by h.id for update;
  end if;
  select * into run from holdpoint.runs r where r.org_id = who.org_id and r.id = command ->> 'runId' for update;
  at := holdpoint.hp_now();
  if run.status = 'cancelled' then return json_build_object('code', 'ok', 'control', 'cancel', 'run', row_to_json(run)); end if;
  if run.ended_at is not null then return json_build_object('code', 'run_ended', 'run', row_to_json(run)); end if;

  version_before := run.version;
  run.heartbeat_at := at;
  run.lost_after := at + make_interval(secs => 3 * run.heartbeat_seconds);
  run.advance_at := null;
  if command ->> 'steps' is not null or command ->> 'text' is not null then
    run.progress := json_build_object('steps', coalesce((command ->> 'steps')::integer, (run.progress ->> 'steps')::integer),
      'text', coalesce(command ->> 'text', run.progress ->> 'text'));
  end if;
  if run.notes_unheard > 0 and json_array_length(command -> 'heard') > 0 then
    update holdpoint.run_notes n set heard_step = coalesce((run.progress ->> 'steps')::integer, 0)
      where n.org_id = run.org_id and n.run_id = run.id and n.heard_step is null
        and n.id in (select json_array_elements_text(command -> 'heard'));
    get diagnostics heard = row_count;
    run.notes_unheard := run.notes_unheard - heard;
    if heard > 0 then run.version := run.version + 1; end if;
  end if;
  -- Lost in this very moment, its holds are not locked: it is found at the next heartbeat.
  if run.lost_at is not null and was_lost then
    update holdpoint.holds h set run_lost_at = null, version = h.version + 1
      where h.org_id = run.org_id and h.run_id = run.id and h.run_lost_at is not null;
    perform holdpoint.append_run_event_v1(run, json_build_object('id', command -> 'eventIds' ->> 0, 'type', 'run.found',
      'data', json_build_object('lostAt', run.lost_at)), at);
    run.lost_at := null;
    run.version := run.version + 1;
  end if;
  if run.pause_requested and (command ->> 'isInterruptPoint')::boolean then
    asked := run.pause_asked;
    run.status := 'paused';
    run.pause_requested := false;
    run.pause_asked := null;
    run.version := run.version + 1;
    perform holdpoint.append_run_event_v1(run, json_build_object('id', command -> 'eventIds' ->> 1, 'type', 'run.paused',
      'actorKind', asked ->> 'kind', 'actorId', asked ->> 'id', 'actorName', asked ->> 'name',
      'data', json_build_object('reason', asked ->> 'reason', 'scope', asked ->> 'scope', 'subject', nullif(asked ->> 'subject', ''))), at);
  end if;
  update holdpoint.runs r set heartbeat_at = run.heartbeat_at, lost_after = run.lost_after, advance_at = null, progress = run.progress,
      lost_at = run.lost_at, status = run.status, version = run.version, pause_requested = run.pause_requested,
      pause_asked = run.pause_asked, notes_unheard = run.notes_unheard
    where r.org_id = run.org_id and r.id = run.id;
  run := holdpoint.settle_external_run_v1(run, command -> 'eventIds' ->> 2, at);
  return json_build_object('code', 'ok', 'run', row_to_json(run), 'hasChanged', run.version <> version_before,
    'control', case when run.status = 'paused' or run.pause_requested then 'pause' else 'run' end,
    'notes', case when run.notes_unheard > 0 and (command ->> 'isInterruptPoint')::boolean then (
      select json_agg(json_build_object('id', n.id, 'text', n.text) order by n.created_at, n.id) from holdpoint.run_notes n
        where n.org_id = run.org_id and n.run_id = run.id and n.heard_step is null) end);
end $$;
revoke all on function holdpoint.heartbeat_v1(json) from public;
grant execute on function holdpoint.heartbeat_v1(json) to hp_app;
