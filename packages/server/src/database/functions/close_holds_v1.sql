-- Withdraws the pending holds of a run that is about to end. Locks all of them before the run, as deciding does with its
-- one; so a decision that comes at the same moment either wins or finds the hold withdrawn, and nobody waits in a
-- circle. A hold that a call of another run waits for too stays open, as that run's. Answers the ids of those withdrawn.
create or replace function holdpoint.close_holds_v1(org text, run text, reason text, event_ids text[]) returns json
language plpgsql volatile set search_path = '' as $$
declare
  hold holdpoint.holds;
  at timestamptz;
  closed text[] := '{}';
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  perform h.id from holdpoint.holds h where h.org_id = org and h.run_id = close_holds_v1.run and h.status = 'pending' order by h.id for update;
  perform holdpoint.lock_shared_runs_v1(org, run);
  update holdpoint.holds h set run_id = other.run_id, tool_call_id = other.tool_call_id, session_id = other.session_id
    from (select distinct on (a.hold_id) a.hold_id, a.run_id, a.tool_call_id, r.session_id from holdpoint.holds mine
        join holdpoint.asks a on a.org_id = mine.org_id and a.hold_id = mine.id and a.run_id <> mine.run_id
        join holdpoint.tool_calls c on c.org_id = a.org_id and c.id = a.tool_call_id and c.status = 'suspended'
        join holdpoint.runs r on r.org_id = a.org_id and r.id = a.run_id and r.status in ('holding', 'running', 'paused')
        where mine.org_id = org and mine.run_id = close_holds_v1.run and mine.status = 'pending'
        order by a.hold_id, a.id) other
    where h.org_id = org and h.id = other.hold_id;
  for hold in
    select * from holdpoint.holds h where h.org_id = org and h.run_id = close_holds_v1.run and h.status = 'pending'
    order by h.id limit coalesce(cardinality(event_ids), 0)
  loop
    at := holdpoint.hp_now();
    hold.status := 'cancelled';
    hold.version := hold.version + 1;
    hold.decided_at := at;
    hold.outcome := json_build_object('verdict', null, 'comment', reason,
      'by', json_build_object('id', 'system', 'name', 'run', 'via', 'run', 'verifiedBy', null));
    perform holdpoint.settle_hold_v1(hold);
    closed := closed || hold.id::text;
    perform holdpoint.append_hold_event_v1(hold, event_ids[cardinality(closed)], 'hold.cancelled', at, 'system', 'system', 'run',
      'cancelled', reason, json_build_object('holdId', hold.id, 'title', hold.title, 'action', hold.action, 'reason', reason,
        'toolCallId', hold.tool_call_id));
  end loop;
  return array_to_json(closed);
end $$;
revoke all on function holdpoint.close_holds_v1(text, text, text, text[]) from public;
grant execute on function holdpoint.close_holds_v1(text, text, text, text[]) to hp_app;
