-- All that a worker needs to go on with a run: the row, what was said, the calls of the current step, what they asked, and
-- the holds of both.
-- command: {orgId, runId, epoch}. Answers {code: "lost"} when the lease is another's.
-- What was said before in the session counts where its run had ended when this one was made: that never changes while
-- this run goes on, so each of its turns sees the same past. At most the last 20 runs.
create or replace function holdpoint.load_run_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  run holdpoint.runs;
  asks json;
  asked text[];
begin
  perform pg_catalog.set_config('hp.org_id', command ->> 'orgId', true);
  select * into run from holdpoint.runs r
    where r.org_id = command ->> 'orgId' and r.id = command ->> 'runId' and r.lease_epoch = (command ->> 'epoch')::integer
      and r.status in ('queued', 'running', 'holding');
  if run.id is null then return json_build_object('code', 'lost'); end if;
  select json_agg(row_to_json(a) order by a.attempt, a.id), array_agg(a.hold_id::text) into asks, asked from holdpoint.asks a
    where a.org_id = run.org_id and a.run_id = run.id and a.tool_call_id in (
      select c.id from holdpoint.tool_calls c where c.org_id = run.org_id and c.run_id = run.id and c.step = run.step);
  return json_build_object('code', 'ok', 'now', holdpoint.hp_now(), 'run', row_to_json(run),
    'history', (select coalesce(json_agg(m.message order by m.run_id, m.position), '[]'::json) from holdpoint.messages m
      where run.session_id is not null and m.org_id = run.org_id and m.run_id in (
        select r.id from holdpoint.runs r where r.org_id = run.org_id and r.session_id = run.session_id
          and r.agent_id = run.agent_id and r.id < run.id and r.status = 'completed' and r.ended_at <= run.created_at
        order by r.id desc limit 20)),
    'messages', (select coalesce(json_agg(m.message order by m.position), '[]'::json) from holdpoint.messages m
      where m.org_id = run.org_id and m.run_id = run.id),
    'step', (select row_to_json(s) from holdpoint.steps s
      where s.org_id = run.org_id and s.run_id = run.id and s.position = run.step),
    'calls', (select coalesce(json_agg(row_to_json(c) order by c.position), '[]'::json) from holdpoint.tool_calls c
      where c.org_id = run.org_id and c.run_id = run.id and c.step = run.step),
    'holds', (select coalesce(json_agg(row_to_json(h) order by h.id), '[]'::json) from holdpoint.holds h
      where h.org_id = run.org_id and h.run_id = run.id and (h.id = any (asked) or h.tool_call_id in (
        select c.id from holdpoint.tool_calls c where c.org_id = run.org_id and c.run_id = run.id and c.step = run.step)
        or h.id = (select s.hold_id from holdpoint.steps s
          where s.org_id = run.org_id and s.run_id = run.id and s.position = run.step))),
    'endUser', case when run.end_user_id is not null then (select json_build_object('id', u.id, 'name', u.name, 'email', u.email,
        'phone', u.phone, 'additionalData', u.additional_data, 'preferences', u.preferences)
      from holdpoint.end_users u where u.org_id = run.org_id and u.id = run.end_user_id) end,
    'asks', coalesce(asks, '[]'::json),
    -- Of those asks, the holds that another run made.
    'sharedHolds', case when asked is null then '[]'::json else (select coalesce(json_agg(row_to_json(h) order by h.id), '[]'::json)
      from holdpoint.holds h where h.org_id = run.org_id and h.id = any (asked) and h.run_id is distinct from run.id) end,
    -- How many answers before the current step a person has sent back.
    'sendBacks', case when run.confidence is null then 0 else (select count(*) from holdpoint.steps s
      where s.org_id = run.org_id and s.run_id = run.id and s.position < run.step and s.hold_id is not null) end);
end $$;
revoke all on function holdpoint.load_run_v1(json) from public;
grant execute on function holdpoint.load_run_v1(json) to hp_app;
