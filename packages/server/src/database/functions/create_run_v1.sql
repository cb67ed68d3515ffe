-- Queues a run for whoever the credential belongs to: one round trip, one transaction. Its event comes when it starts.
-- command: {credentialHash, run: {columns}, message, messageId, onNewMessage: "queue" | "supersede" | "reject" | null (nobody is waited for),
-- ends: of "supersede", as supersede_runs_v1 takes them; eventId: of the start of one that lives elsewhere}
-- isStored: of an agent that was made over the API, which stays as long as this run is not over.
-- With heartbeat_seconds it lives elsewhere and runs already.
-- onNewMessage: what becomes of it where a run of the same session and agent is not over. The session's row is locked for that, so
-- that of messages that come at once each finds the one before: their order is that of the runs. Runs that live elsewhere have an
-- order of their own: nobody waits for what may never be heard of again. Nor do runs count that another run has called.
-- Answers {code: "ok" | "repeated", run, superseded} or {code: "unauthorized" | "not_allowed" | "idempotency_mismatch" |
-- "agent_not_found" | "session_not_found" | "session_busy" (with run: the one that is not over) | "again" (with more ids; nothing was done)}.
create or replace function holdpoint.create_run_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who holdpoint.principal;
  at timestamptz;
  run holdpoint.runs;
  existing holdpoint.runs;
  busy holdpoint.runs;
  is_locked boolean := false;
  answer json;
begin
  who := holdpoint.identify_v1(command ->> 'credentialHash');
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  if who.kind in ('agent', 'relay') and not ('runs:*' = any (who.scopes)) then
    return json_build_object('code', 'not_allowed', 'needs', 'scope runs:*');
  end if;
  if who.kind = 'session' and who.role in ('viewer', 'reviewer') then
    return json_build_object('code', 'not_allowed', 'needs', 'role operator');
  end if;
  if who.agent_id is not null and who.agent_id <> command #>> '{run,agent_id}' then
    return json_build_object('code', 'not_allowed', 'needs', 'a key of that agent');
  end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  if (command ->> 'isStored')::boolean then
    perform from holdpoint.agents a where a.org_id = who.org_id and a.id = command #>> '{run,agent_id}'
      and a.deleted_at is null for key share;
    if not found then return json_build_object('code', 'agent_not_found'); end if;
  end if;
  -- Before touch_session_v1 locks it less, or two that want more would wait in a circle with whoever deletes it.
  if command #>> '{run,session_id}' is not null and command ->> 'onNewMessage' is not null then
    perform s.id from holdpoint.sessions s where s.org_id = who.org_id and s.id = command #>> '{run,session_id}' for no key update;
    is_locked := found;
  end if;
  at := holdpoint.hp_now();
  run := json_populate_record(null::holdpoint.runs, command -> 'run');
  run.org_id := who.org_id;
  run.status := 'queued';
  run.version := 1;
  run.step := 0;
  run.model_attempts := 0;
  run.lease_epoch := 0;
  run.pause_requested := false;
  run.cancel_requested := false;
  run.starter := coalesce(who.member_id, who.agent_id, who.principal_id);
  run.starter_kind := case who.kind when 'session' then 'member' when 'operator' then 'operator_key' else 'agent' end;
  run.starter_name := coalesce(who.member_name, who.agent_id);
  run.starter_member_id := who.member_id;
  run.created_at := at;
  run.advance_at := at;
  if not holdpoint.touch_session_v1(run.org_id, run.session_id, run.end_user_id, at) then
    return json_build_object('code', 'session_not_found');
  end if;

  if run.session_id is not null and command ->> 'onNewMessage' is not null then
    -- Made by another in this moment.
    if not is_locked then
      perform s.id from holdpoint.sessions s where s.org_id = run.org_id and s.id = run.session_id for no key update;
      at := holdpoint.hp_now();
      run.created_at := at;
      run.advance_at := at;
    end if;
    select * into busy from holdpoint.runs r
      where r.org_id = run.org_id and r.session_id = run.session_id and r.agent_id = run.agent_id and r.ended_at is null
        and r.heartbeat_seconds is null and r.parent_run_id is null
      order by r.created_at desc, r.id desc limit 1;
    -- A repeated request is answered below, and disturbs nobody.
    if busy.id is not null then
      if not exists (select from holdpoint.runs r where r.org_id = run.org_id and r.id = run.id)
        and not exists (select from holdpoint.runs r where r.org_id = run.org_id and r.idempotency_key = run.idempotency_key) then
        case command ->> 'onNewMessage'
          when 'reject' then return json_build_object('code', 'session_busy', 'run', row_to_json(busy));
          when 'supersede' then
            answer := holdpoint.supersede_runs_v1(run, command ->> 'credentialHash', command -> 'ends');
            if answer ->> 'code' <> 'ok' then return answer; end if;
          else
            -- Held fast until this is committed, or it would end without seeing who waits for it.
            loop
              perform r.id from holdpoint.runs r where r.org_id = run.org_id and r.id = busy.id and r.ended_at is null for share;
              exit when found;
              select * into busy from holdpoint.runs r
                where r.org_id = run.org_id and r.session_id = run.session_id and r.agent_id = run.agent_id and r.ended_at is null
                  and r.heartbeat_seconds is null and r.parent_run_id is null
                order by r.created_at desc, r.id desc limit 1;
              exit when busy.id is null;
            end loop;
            run.waits_for := busy.id;
            run.advance_at := case when busy.id is null then at end;
        end case;
      end if;
    end if;
  end if;

  if run.heartbeat_seconds is not null then
    run.status := 'running';
    run.started_at := at;
    run.advance_at := null;
    run.heartbeat_at := at;
    run.lost_after := at + make_interval(secs => 3 * run.heartbeat_seconds);
  end if;
  run := holdpoint.under_orders_v1(run);
  -- A call repeated after a lost connection brings the same id; a client's repetition the same key.
  insert into holdpoint.runs select (run).* on conflict do nothing;
  if not found then
    select * into existing from holdpoint.runs r where r.org_id = run.org_id and r.id = run.id;
    if existing.id is null then
      select * into existing from holdpoint.runs r where r.org_id = run.org_id and r.idempotency_key = run.idempotency_key;
    end if;
    return json_build_object('code',
      -- A key is its principal's: what another asked for is not read by repeating the request.
      case when existing.body_hash is not distinct from run.body_hash and existing.starter = run.starter
        then 'repeated' else 'idempotency_mismatch' end, 'run', row_to_json(existing));
  end if;
  -- A fork has messages of its own (fork_run_v1).
  if command -> 'message' is not null then
    insert into holdpoint.messages (org_id, id, run_id, position, role, message, created_at, step)
      values (run.org_id, command ->> 'messageId', run.id, 0, 'user', command -> 'message', at, 1);
  end if;
  if run.heartbeat_seconds is not null then
    perform holdpoint.append_run_event_v1(run, json_build_object('id', command ->> 'eventId', 'type', 'run.started',
      'actorKind', case run.starter_kind when 'agent' then 'agent' else 'member' end, 'actorId', run.starter,
      'actorName', run.starter_name, 'data', json_build_object('input', run.input, 'starterKind', run.starter_kind,
        'heartbeatSeconds', run.heartbeat_seconds)), at);
  end if;
  return json_build_object('code', 'ok', 'run', row_to_json(run), 'superseded', answer -> 'superseded');
end $$;
revoke all on function holdpoint.create_run_v1(json) from public;
grant execute on function holdpoint.create_run_v1(json) to hp_app;
