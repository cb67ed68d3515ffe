-- Calls that were in flight when their run was cancelled, and whoever carried them out is heard of no more, over all organisations:
-- nobody knows whether they were executed (I2). Any instance may look; a run that another looks at is passed over.
-- event_ids: one for each call at most; a run has as many as it has. Answers {lost: [{orgId, runId, holdId, name}], isMore}.
-- Leases go by the real clock, as in take_runs_v1.
create or replace function holdpoint.lose_calls_v1(event_ids text[]) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare
  real_time constant timestamptz := clock_timestamp();
  at constant timestamptz := holdpoint.hp_now();
  run holdpoint.runs;
  call record;
  lost json[] := '{}';
begin
  for run in
    select * from holdpoint.runs r where r.status = 'cancelled' and r.lease_until < real_time
      order by r.lease_until limit 20 for update skip locked
  loop
    for call in
      select c.id, c.name, c.hold_id, c.attempt from holdpoint.tool_calls c
        where c.org_id = run.org_id and c.run_id = run.id and c.status = 'executing' order by c.id
        limit cardinality(event_ids) - cardinality(lost)
    loop
      update holdpoint.tool_calls c set status = 'unknown' where c.org_id = run.org_id and c.id = call.id;
      update holdpoint.holds h set fulfilment = 'unknown', version = h.version + 1
        where h.org_id = run.org_id and h.id = call.hold_id and h.fulfilment = 'executing';
      lost := lost || json_build_object('orgId', run.org_id, 'runId', run.id, 'holdId', call.hold_id, 'name', call.name);
      perform holdpoint.append_run_event_v1(run, json_build_object('id', event_ids[cardinality(lost)], 'type', 'action.unknown',
        'actorKind', 'system', 'toolCallId', call.id, 'holdId', call.hold_id, 'actionName', call.name,
        'data', json_build_object('toolCallId', call.id, 'holdId', call.hold_id, 'attempt', call.attempt)), at);
    end loop;
    exit when cardinality(lost) = cardinality(event_ids);
    update holdpoint.runs r set lease_owner = null, lease_until = null where r.org_id = run.org_id and r.id = run.id;
  end loop;
  return json_build_object('lost', array_to_json(lost), 'isMore', cardinality(lost) = cardinality(event_ids));
end $$;
alter function holdpoint.lose_calls_v1(text[]) owner to hp_definer;
revoke all on function holdpoint.lose_calls_v1(text[]) from public;
grant execute on function holdpoint.lose_calls_v1(text[]) to hp_app;
