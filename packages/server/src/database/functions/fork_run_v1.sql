-- A new run that goes on from a step of one that has ended, told exactly what the model was told when that step was asked. What the
-- other had executed by then and later is kept for it (fork_actions), so that it is taken over instead of being done again.
-- command: {credentialHash, runId, fromStep, message, messageId, reason, run: {id, idempotency_key, body_hash}, eventId,
--   agents: {id: {model, max_steps}}}
-- Answers like create_run_v1, or {code: "not_found" | "not_ended" | "no_step" (with steps) | "no_agent" (with agentId) | "external" |
-- "unsettled" (with call, of this run or of one below it: nobody knows yet whether it was executed) | "origin_gone" (with runId)}.
create or replace function holdpoint.fork_run_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(command ->> 'credentialHash');
  from_step constant integer := (command ->> 'fromStep')::integer;
  origin holdpoint.runs;
  run holdpoint.runs;
  unsettled record;
  below holdpoint.runs;
  called text[];
  refused json;
  created json;
  agent json;
  gone text;
  origins text[];
  last_position integer;
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  -- The session before its run, as whoever deletes it.
  perform s.id from holdpoint.sessions s where s.org_id = who.org_id
    and s.id = (select r.session_id from holdpoint.runs r where r.org_id = who.org_id and r.id = command ->> 'runId') for key share;
  -- A report that comes late waits for this, or this for it.
  select * into origin from holdpoint.runs r where r.org_id = who.org_id and r.id = command ->> 'runId' for update;
  refused := holdpoint.steer_right_v1(who, origin, false);
  if refused is not null then return refused; end if;
  if origin.status not in ('completed', 'failed', 'cancelled') then
    return json_build_object('code', 'not_ended', 'run', row_to_json(origin));
  end if;
  if origin.heartbeat_seconds is not null then return json_build_object('code', 'external'); end if;
  if from_step > greatest(origin.step, 1) then return json_build_object('code', 'no_step', 'steps', greatest(origin.step, 1)); end if;
  -- Of a run before it that was deleted nobody knows any more what it was told, nor what it had begun and kept (I2).
  if origin.forked_from is not null then
    origins := array(select origin.forked_from::text union select origin.history_of where origin.history_of is not null
      union select f.from_run_id from holdpoint.fork_actions f where f.org_id = origin.org_id and f.run_id = origin.id);
    -- Held fast, as delete_run_v1 locks them.
    perform r.id from holdpoint.runs r where r.org_id = origin.org_id and r.id = any (origins) order by r.id for key share;
    select o.id into gone from unnest(origins) as o(id)
      where not exists (select from holdpoint.runs r where r.org_id = origin.org_id and r.id = o.id) order by o.id limit 1;
    if found then return json_build_object('code', 'origin_gone', 'runId', gone); end if;
  end if;
  select c.id, c.run_id, c.name, c.status into unsettled from holdpoint.tool_calls c
    where c.org_id = origin.org_id and c.run_id = origin.id and c.step >= from_step and c.status in ('unknown', 'executing')
    order by c.step, c.position limit 1;
  if found then return json_build_object('code', 'unsettled', 'call', row_to_json(unsettled)); end if;
  -- Nor while an agent goes on that it called, or what that did is not known.
  if origin.has_children then
    called := array(select r.id from holdpoint.runs r join holdpoint.tool_calls c on c.org_id = r.org_id and c.id = r.parent_call_id
      where r.org_id = origin.org_id and r.parent_run_id = origin.id and c.step >= from_step);
    called := called || array(select unnest(holdpoint.runs_below_v1(origin.org_id, id)) from unnest(called) as id);
    select * into below from holdpoint.runs r where r.org_id = origin.org_id and r.id = any (called) and r.ended_at is null
      order by r.id limit 1;
    if found then return json_build_object('code', 'not_ended', 'run', row_to_json(below)); end if;
    select c.id, c.run_id, c.name, c.status into unsettled from holdpoint.tool_calls c
      where c.org_id = origin.org_id and c.run_id = any (called) and c.status in ('unknown', 'executing') order by c.id limit 1;
    if found then return json_build_object('code', 'unsettled', 'call', row_to_json(unsettled)); end if;
  end if;
  agent := command -> 'agents' -> origin.agent_id;
  if agent is null then
    select json_build_object('model', origin.model, 'max_steps', a.max_steps, 'isStored', true) into agent
      from holdpoint.agents a where a.org_id = origin.org_id and a.id = origin.agent_id and a.deleted_at is null;
  end if;
  if agent is null then return json_build_object('code', 'no_agent', 'agentId', origin.agent_id); end if;
  created := holdpoint.create_run_v1(json_build_object('credentialHash', command ->> 'credentialHash', 'isStored', agent -> 'isStored', 'run', json_build_object(
    'id', command #>> '{run,id}', 'idempotency_key', command #>> '{run,idempotency_key}', 'body_hash', command #>> '{run,body_hash}',
    'agent_id', origin.agent_id, 'model', agent -> 'model', 'max_steps', agent -> 'max_steps', 'input', origin.input,
    'session_id', origin.session_id, 'end_user_id', origin.end_user_id, 'metadata', origin.metadata,
    'forked_from', origin.id, 'forked_step', from_step, 'history_of', coalesce(origin.history_of, origin.id))));
  if created ->> 'code' <> 'ok' then return created; end if;
  select * into run from holdpoint.runs r where r.org_id = origin.org_id and r.id = created #>> '{run,id}';
  with told as (
    select m.position, m.role, m.message,
        coalesce(m.step, count(*) filter (where m.role in ('user', 'tool')) over (order by m.position)) as step
      from holdpoint.messages m where m.org_id = origin.org_id and m.run_id = origin.id
  )
  insert into holdpoint.messages (org_id, id, run_id, position, role, message, created_at, step)
    select run.org_id, 'msg_' || left(md5(run.id || ':' || t.position), 26), run.id, t.position, t.role, t.message, run.created_at, 0
    from told t where t.step <= from_step
      and not exists (select from told a where a.role = 'assistant' and a.step = from_step and a.position <= t.position);
  if command ->> 'message' is not null then
    select coalesce(max(m.position), -1) into last_position from holdpoint.messages m where m.org_id = run.org_id and m.run_id = run.id;
    insert into holdpoint.messages (org_id, id, run_id, position, role, message, created_at, step)
      values (run.org_id, command ->> 'messageId', run.id, last_position + 1, 'user',
        json_build_object('role', 'user', 'content', command ->> 'message'), run.created_at, 1);
  end if;
  perform holdpoint.keep_fork_actions_v1(run, origin, from_step);
  perform holdpoint.append_run_event_v1(run, json_build_object('id', command ->> 'eventId', 'type', 'run.forked',
    'actorKind', case when who.member_id is null then 'agent' else 'member' end,
    'actorId', coalesce(who.member_id, who.agent_id, who.principal_id), 'actorName', coalesce(who.member_name, who.agent_id),
    'data', json_build_object('forkedFrom', origin.id, 'step', from_step, 'message', command ->> 'message', 'reason', command ->> 'reason')),
    run.created_at);
  return json_build_object('code', 'ok', 'run', row_to_json(run));
end $$;
revoke all on function holdpoint.fork_run_v1(json) from public;
grant execute on function holdpoint.fork_run_v1(json) to hp_app;
