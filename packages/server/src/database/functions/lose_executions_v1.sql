-- Executions that nobody reported on, over all organisations: the process that carried them out is gone, or does not answer, and
-- nobody knows what they have done (I2). all_of_them: at the start of a service that is the only one on its database.
-- event_ids: one for each at most. Answers {lost: [{orgId, executionId, holdId, serviceId}]}.
create or replace function holdpoint.lose_executions_v1(all_of_them boolean, action_name text, event_ids text[]) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare
  done holdpoint.executions;
  at constant timestamptz := holdpoint.hp_now();
  lost json[] := '{}';
begin
  for done in
    select * from holdpoint.executions e where e.status = 'executing' and (all_of_them or e.lost_after <= at)
    order by e.lost_after limit coalesce(cardinality(event_ids), 0) for update skip locked
  loop
    update holdpoint.executions e set status = 'unknown' where e.org_id = done.org_id and e.id = done.id returning * into done;
    lost := lost || json_build_object('orgId', done.org_id, 'executionId', done.id, 'holdId', done.hold_id, 'serviceId', done.service_id);
    perform holdpoint.settle_execution_v1(done, null, action_name, event_ids[cardinality(lost)], at);
  end loop;
  return json_build_object('lost', array_to_json(lost));
end $$;
alter function holdpoint.lose_executions_v1(boolean, text, text[]) owner to hp_definer;
revoke all on function holdpoint.lose_executions_v1(boolean, text, text[]) from public;
grant execute on function holdpoint.lose_executions_v1(boolean, text, text[]) to hp_app;
