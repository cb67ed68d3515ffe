-- Withdraws the pending holds of a run that is about to end. Locks all of them before the run, as deciding does with its
-- one; so a decision that comes at the same moment either wins or finds the hold withdrawn, and nobody waits in a
-- circle. Answers the holds' ids.
create or replace function holdpoint.close_holds_v1(org text, run text, reason text, event_ids text[]) returns json
language plpgsql volatile set search_path = '' as $$
declare
  hold holdpoint.holds;
  at timestamptz;
  closed text[] := '{}';
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  perform h.id from holdpoint.holds h where h.org_id = org and h.run_id = run and h.status = 'pending' order by h.id for update;
  for hold in
    select * from holdpoint.holds h where h.org_id = org and h.run_id = run and h.status = 'pending'
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
