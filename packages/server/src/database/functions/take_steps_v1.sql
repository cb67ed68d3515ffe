-- The steps that are due of holds that nobody decides, over all organisations: more people are asked, or those who are
-- asked are reminded. Each step once, whoever sweeps: it is recorded in the statement's transaction that sets the next one.
-- Steps that were missed come one by one; of missed reminders only one does. event_ids: one for each step at most.
create or replace function holdpoint.take_steps_v1(event_ids text[]) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare
  hold holdpoint.holds;
  at timestamptz := holdpoint.hp_now();
  taken json[] := '{}';
  due timestamptz;
  is_step boolean;
  is_ladder boolean;
  n integer := 0;
begin
  for hold in
    select * from holdpoint.holds h
    where h.status = 'pending' and h.next_step_at <= at and (h.expires_at is null or h.expires_at > at)
    order by h.next_step_at limit coalesce(cardinality(event_ids), 0) for update skip locked
  loop
    n := n + 1;
    due := hold.next_step_at;
    is_step := exists (select from unnest(hold.step_seconds) s where hold.created_at + make_interval(secs => s) = due);
    is_ladder := hold.ladder_asked_at is null and hold.escalated_at is null
      and hold.created_at + make_interval(secs => (hold.ladder ->> 'askAfterSeconds')::double precision) = due;
    if is_ladder then
      hold.ladder_asked_at := due;
      -- From here on the route is more than a role, unless the ladder's end could decide before.
      if (hold.ladder ->> 'isWider')::boolean then hold.route_role := null; end if;
    end if;
    hold.next_step_at := holdpoint.next_step_v1(hold, due, at);
    hold.version := hold.version + 1;
    update holdpoint.holds h set ladder_asked_at = hold.ladder_asked_at, route_role = hold.route_role,
        next_step_at = hold.next_step_at, version = hold.version
      where h.org_id = hold.org_id and h.id = hold.id;
    perform holdpoint.append_hold_event_v1(hold, event_ids[n], case when is_step then 'hold.escalated' else 'hold.reminded' end,
      at, 'system', null, null, null, null,
      json_build_object('holdId', hold.id, 'kind', hold.kind, 'title', hold.title, 'dueAt', due,
        'asked', case when is_ladder then hold.ladder -> 'route' else hold.route end, 'isLadderEnd', coalesce(is_ladder, false),
        'action', hold.action, 'actionHash', hold.action_hash, 'expiresAt', hold.expires_at, 'toolCallId', hold.tool_call_id));
    taken := taken || json_build_object('orgId', hold.org_id, 'holdId', hold.id, 'isReminder', not is_step,
      'endUserId', hold.end_user_id);
  end loop;
  return json_build_object('taken', array_to_json(taken));
end $$;
alter function holdpoint.take_steps_v1(text[]) owner to hp_definer;
revoke all on function holdpoint.take_steps_v1(text[]) from public;
grant execute on function holdpoint.take_steps_v1(text[]) to hp_app;
