-- A word from an operator to the agent: kept until the model is told, before it is asked the next time. Kept under the run's
-- lock, and counted on its row: a run never ends over a word that was taken (commit_run_v1).
-- command: {credentialHash, runId, noteId, text, eventId, idempotencyKey, bodyHash}
-- Answers {code: "ok" | "repeated", note, run}, or {code: "unauthorized" | "not_found" | "not_allowed" | "run_ended" | "too_many_notes" | "idempotency_mismatch"}.
create or replace function holdpoint.tell_run_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(command ->> 'credentialHash');
  run holdpoint.runs;
  note holdpoint.run_notes;
  refused json;
  at timestamptz;
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  select * into run from holdpoint.runs r where r.org_id = who.org_id and r.id = command ->> 'runId' for update;
  refused := holdpoint.steer_right_v1(who, run, false);
  if refused is not null then return refused; end if;
  select * into note from holdpoint.run_notes n where n.org_id = who.org_id
    and (n.id = command ->> 'noteId' or n.idempotency_key = command ->> 'idempotencyKey');
  if note.id is not null then
    return json_build_object('code', case when note.run_id = run.id and note.body_hash is not distinct from command ->> 'bodyHash'
        and note.by_id = coalesce(who.member_id, who.agent_id, who.principal_id)
      then 'repeated' else 'idempotency_mismatch' end, 'note', row_to_json(note), 'run', row_to_json(run));
  end if;
  if run.status in ('completed', 'failed', 'cancelled') then
    return json_build_object('code', 'run_ended', 'run', row_to_json(run));
  end if;
  -- All that is unheard becomes one turn's: more than that is no word to an agent.
  if run.notes_unheard >= 100 then return json_build_object('code', 'too_many_notes', 'run', row_to_json(run)); end if;
  at := holdpoint.hp_now();
  insert into holdpoint.run_notes (org_id, id, run_id, text, by_kind, by_id, by_name, created_at, idempotency_key, body_hash)
    values (run.org_id, command ->> 'noteId', run.id, command ->> 'text', case when who.member_id is null then 'agent' else 'member' end,
      coalesce(who.member_id, who.agent_id, who.principal_id), coalesce(who.member_name, who.agent_id), at,
      command ->> 'idempotencyKey', command ->> 'bodyHash')
    on conflict do nothing
    returning * into note;
  -- The same key came for another run at the same moment.
  if note.id is null then return json_build_object('code', 'idempotency_mismatch'); end if;
  update holdpoint.runs r set notes_unheard = coalesce(r.notes_unheard, 0) + 1, version = r.version + 1
    where r.org_id = run.org_id and r.id = run.id;
  perform holdpoint.append_run_event_v1(run, json_build_object('id', command ->> 'eventId', 'type', 'run.message',
    'actorKind', note.by_kind, 'actorId', note.by_id, 'actorName', note.by_name,
    'data', json_build_object('noteId', note.id, 'text', note.text)), at);
  return json_build_object('code', 'ok', 'note', row_to_json(note), 'run', row_to_json(run));
end $$;
revoke all on function holdpoint.tell_run_v1(json) from public;
grant execute on function holdpoint.tell_run_v1(json) to hp_app;
