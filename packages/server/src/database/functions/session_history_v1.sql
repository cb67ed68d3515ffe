-- What was said in the session before a run began, by its agent: its earlier runs, however they ended, oldest first, at most 20.
-- Once the run has begun that never changes, so each of its turns sees the same past: what ended later is left out, and a call
-- that was settled later counts as one whose outcome is not known. Of a fork: called with the run at its root.
-- [{status, output, error, messages, calls: of the last step where the run did not complete: [{call, isSettled, hold}]}]
create or replace function holdpoint.session_history_v1(run holdpoint.runs) returns json
language plpgsql volatile set search_path = '' as $$
declare
  until constant timestamptz := coalesce(run.started_at, run.ended_at, holdpoint.hp_now());
begin
  return (select coalesce(json_agg(json_build_object('status', p.status, 'output', p.output, 'error', p.error,
      'messages', (select coalesce(json_agg(m.message order by m.position), '[]'::json) from holdpoint.messages m
        where m.org_id = p.org_id and m.run_id = p.id),
      'calls', case when p.status <> 'completed' then (select json_agg(json_build_object('call', row_to_json(c),
          'isSettled', coalesce(c.ended_at <= until, false),
          'hold', (select json_build_object('id', h.id, 'outcome', h.outcome, 'on_timeout', h.on_timeout) from holdpoint.holds h
            where h.org_id = c.org_id and h.id = c.hold_id)) order by c.position)
        from holdpoint.tool_calls c where c.org_id = p.org_id and c.run_id = p.id and c.step = p.step) end)
      order by p.created_at, p.id), '[]'::json)
    from (select * from holdpoint.runs r where r.org_id = run.org_id and r.session_id = run.session_id and r.agent_id = run.agent_id
      -- What another run has called for is no part of the conversation.
      and r.parent_run_id is null and r.id <> run.id and r.ended_at <= until
      -- What another went on from is told by that one, which has it all; one that led to nothing is told by the first alone.
      and (r.forked_from is null or r.status = 'completed')
      and not exists (select from holdpoint.runs f where f.org_id = r.org_id and f.forked_from = r.id
        and f.status = 'completed' and f.ended_at <= until)
      and not exists (select from holdpoint.runs f where f.org_id = r.org_id and f.history_of = r.id and f.history_of is not null
        and f.status = 'completed' and f.ended_at <= until)
      order by r.id desc limit 20) p);
end $$;
revoke all on function holdpoint.session_history_v1(holdpoint.runs) from public;
grant execute on function holdpoint.session_history_v1(holdpoint.runs) to hp_app;
