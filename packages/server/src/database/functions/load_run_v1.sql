-- All that a worker needs to go on with a run: the row, what was said, the calls of the current step, what they asked, and
-- the holds of both.
-- command: {orgId, runId, epoch}. Answers {code: "lost"} when the lease is another's.
-- What was said before in the session: see session_history_v1.
create or replace function holdpoint.load_run_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  ignored text;
  run holdpoint.runs;
  -- Whose past it shares: of a fork another's.
  root holdpoint.runs;
  step holdpoint.steps;
  calls json;
  asks json;
  asked text[];
  holds json := '[]';
  shared_holds json := '[]';
  history json := '[]';
  send_backs bigint := 0;
  children json := '[]';
begin
  ignored := pg_catalog.set_config('hp.org_id', command ->> 'orgId', true);
  select * into run from holdpoint.runs r
    where r.org_id = command ->> 'orgId' and r.id = command ->> 'runId' and r.lease_epoch = (command ->> 'epoch')::integer
      and r.status in ('queued', 'running', 'holding');
  if run.id is null then return json_build_object('code', 'lost'); end if;
  -- What a run may have and most have not is asked for apart: a statement costs more to start than to find nothing.
  if run.session_id is not null and run.parent_run_id is null then
    root := run;
    if run.history_of is not null then
      select * into root from holdpoint.runs r where r.org_id = run.org_id and r.id = run.history_of;
    end if;
    -- A run that another called has heard nothing of the session, nor does one that goes on from it.
    if root.parent_run_id is null then history := holdpoint.session_history_v1(root); end if;
  end if;
  select * into step from holdpoint.steps s where s.org_id = run.org_id and s.run_id = run.id and s.position = run.step;
  calls := (select json_agg(row_to_json(c) order by c.position) from holdpoint.tool_calls c
    where c.org_id = run.org_id and c.run_id = run.id and c.step = run.step);
  if calls is not null then
    select json_agg(row_to_json(a) order by a.attempt, a.id), array_agg(a.hold_id::text) into asks, asked from holdpoint.asks a
      where a.org_id = run.org_id and a.run_id = run.id and a.tool_call_id in (
        select c.id from holdpoint.tool_calls c where c.org_id = run.org_id and c.run_id = run.id and c.step = run.step);
  end if;
  -- The order of time, and "is not null", which holds_by_run implies: without them a table that was never analyzed would be
  -- read along its primary key, a whole organisation for a few rows.
  if calls is not null or step.hold_id is not null then
    holds := (select coalesce(json_agg(row_to_json(h) order by h.created_at, h.id), '[]'::json) from holdpoint.holds h
      where h.org_id = run.org_id and h.run_id = run.id and h.run_id is not null and (h.id = step.hold_id or h.id = any (asked) or h.tool_call_id in (
        select c.id from holdpoint.tool_calls c where c.org_id = run.org_id and c.run_id = run.id and c.step = run.step)));
  end if;
  -- Of those asks, the holds that another run made.
  if asked is not null then
    shared_holds := (select coalesce(json_agg(row_to_json(h) order by h.id), '[]'::json)
      from holdpoint.holds h where h.org_id = run.org_id and h.id = any (asked) and h.run_id is distinct from run.id);
  end if;
  -- The runs that the calls of this step have become.
  if run.has_children then
    children := (select coalesce(json_agg(json_build_object('id', r.id, 'callId', r.parent_call_id, 'status', r.status, 'output', r.output,
        'error', r.error, 'holdIds', case r.status when 'holding' then (select coalesce(json_agg(h.id order by h.id), '[]'::json)
          from holdpoint.holds h where h.org_id = r.org_id and h.status = 'pending'
            and h.run_id = any (array_append(holdpoint.runs_below_v1(r.org_id, r.id), r.id::text))) end) order by r.id), '[]'::json)
      from holdpoint.runs r where r.org_id = run.org_id and r.parent_run_id = run.id and r.parent_call_id in (
        select c.id from holdpoint.tool_calls c where c.org_id = run.org_id and c.run_id = run.id and c.step = run.step));
  end if;
  -- How many answers before the current step a person has sent back.
  if run.confidence is not null then
    send_backs := (select count(*) from holdpoint.steps s
      where s.org_id = run.org_id and s.run_id = run.id and s.position < run.step and s.hold_id is not null);
  end if;
  return json_build_object('code', 'ok', 'now', holdpoint.hp_now(), 'run', row_to_json(run), 'history', history,
    'messages', (select coalesce(json_agg(m.message order by m.position), '[]'::json) from holdpoint.messages m
      where m.org_id = run.org_id and m.run_id = run.id),
    'step', case when step.id is not null then row_to_json(step) end, 'calls', coalesce(calls, '[]'::json), 'holds', holds,
    'endUser', case when run.end_user_id is not null then (select json_build_object('id', u.id, 'name', u.name, 'email', u.email,
        'phone', u.phone, 'additionalData', u.additional_data, 'preferences', u.preferences)
      from holdpoint.end_users u where u.org_id = run.org_id and u.id = run.end_user_id) end,
    'notes', case when run.notes_unheard > 0 then (select json_agg(json_build_object('id', n.id, 'text', n.text, 'byKind', n.by_kind)
        order by n.created_at, n.id) from holdpoint.run_notes n
      where n.org_id = run.org_id and n.run_id = run.id and n.heard_step is null) end,
    'reusable', case when run.forked_from is not null then (select json_agg(row_to_json(f) order by f.position) from holdpoint.fork_actions f
      where f.org_id = run.org_id and f.run_id = run.id and f.reused_by is null) end,
    'asks', coalesce(asks, '[]'::json), 'sharedHolds', shared_holds, 'sendBacks', send_backs, 'children', children,
    'callers', case when run.parent_run_id is not null then (select json_agg(r.agent_id) from holdpoint.runs r
      where r.org_id = run.org_id and r.id in (select json_array_elements_text(run.ancestors))) end);
end $$;
revoke all on function holdpoint.load_run_v1(json) from public;
grant execute on function holdpoint.load_run_v1(json) to hp_app;
