-- Ends holds whose deadline has passed, over all organisations. Any instance may run it, one at a time does: two would
-- lock the runs of their holds in different orders. A hold that is being decided is passed over (SKIP LOCKED).
-- event_ids are made by the caller, one for each hold at most.
create or replace function holdpoint.expire_due_v1(event_ids text[]) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare
  hold holdpoint.holds;
  at timestamptz := holdpoint.hp_now();
  touched json[] := '{}';
  n integer := 0;
begin
  if not pg_try_advisory_xact_lock(7238116254001) then
    return json_build_object('expired', '[]'::json, 'isElsewhere', true);
  end if;
  for hold in
    select * from holdpoint.holds h where h.status = 'pending' and h.expires_at <= at
    order by h.expires_at limit coalesce(cardinality(event_ids), 0) for update skip locked
  loop
    n := n + 1;
    hold := holdpoint.time_out_hold_v1(hold, event_ids[n], at);
    touched := touched || json_build_object('orgId', hold.org_id, 'holdId', hold.id, 'runId', hold.run_id, 'status', hold.status,
      'kind', hold.kind, 'title', hold.title, 'endUserId', hold.end_user_id);
  end loop;
  return json_build_object('expired', array_to_json(touched));
end $$;
alter function holdpoint.expire_due_v1(text[]) owner to hp_definer;
revoke all on function holdpoint.expire_due_v1(text[]) from public;
grant execute on function holdpoint.expire_due_v1(text[]) to hp_app;
