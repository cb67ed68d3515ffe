-- Carries a pause out on the runs that are there, or takes it back from them: a bounded number at a time, in the order of their
-- ids. Any instance goes on with it (orders_to_apply_v1), so that it is done whoever dies. Runs that are made later are under it
-- from the start (under_orders_v1).
--
-- command: {orgId, scope, subject, eventIds: [one for each run at most]}
-- Over an agent it is over what its runs have called, too. Resumed is what this order paused: neither what somebody paused alone, nor what another standing order pauses too.
-- Answers {runs: [ids of those that changed], isDone}. Locks: the order, then the order among runs, since whoever settles a hold that
-- several runs share goes from run to run in another order than that of their ids; then the runs.
create or replace function holdpoint.apply_order_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  org constant text := command ->> 'orgId';
  count_limit constant integer := json_array_length(command -> 'eventIds');
  pause holdpoint.standing_orders;
  ids text[];
  real_time timestamptz;
  at timestamptz;
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  select * into pause from holdpoint.standing_orders o where o.org_id = org and o.kind = 'pause'
    and o.scope = command ->> 'scope' and o.subject = command ->> 'subject' for update;
  if pause.apply_after is null then return json_build_object('runs', '[]'::json, 'isDone', true); end if;

  perform pg_advisory_xact_lock(7238116254001);
  ids := array(select r.id from holdpoint.runs r
    where r.org_id = org and r.ended_at is null and r.id > pause.apply_after
      and case when pause.lifted_at is null then r.status <> 'paused' and not r.pause_requested else r.pause_scope = pause.scope end
      and holdpoint.is_over_run_v1(pause, r)
    order by r.id limit count_limit for update);
  at := holdpoint.hp_now();
  real_time := clock_timestamp();
  if pause.lifted_at is null then
    -- Where somebody works on it, or it has had no interrupt point yet, it takes effect at the next one.
    with found as materialized (
      select r.id, row_number() over (order by r.id) as n,
        r.status = 'queued' or r.heartbeat_seconds is not null or coalesce(r.lease_until > real_time, false) as is_later
      from holdpoint.runs r where r.org_id = org and r.id = any (ids) and r.ended_at is null
    ), changed as (
      update holdpoint.runs r set version = r.version + 1, pause_scope = pause.scope, pause_requested = found.is_later,
          pause_asked = case when found.is_later then holdpoint.pause_asked_v1(pause) end,
          status = case when found.is_later then r.status else 'paused' end,
          lease_owner = case when found.is_later then r.lease_owner end,
          lease_until = case when found.is_later then r.lease_until end,
          lease_epoch = case when found.is_later then r.lease_epoch else r.lease_epoch + 1 end
        from found where r.org_id = org and r.id = found.id
        returning r.id, r.agent_id, r.session_id, r.end_user_id, found.n, found.is_later
    )
    insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, run_id, session_id, agent_id,
        end_user_id, data)
      select org, command -> 'eventIds' ->> (c.n - 1)::integer, 'run.paused', at, pause.given_by ->> 'kind', pause.given_by ->> 'id',
        pause.given_by ->> 'name', c.id, c.session_id, c.agent_id, c.end_user_id,
        json_build_object('reason', pause.reason, 'scope', pause.scope, 'subject', nullif(pause.subject, ''))
      from changed c where not c.is_later;
  else
    with found as materialized (
      select r.id, r.status = 'paused' as was_paused, row_number() over (order by r.id) as n,
        holdpoint.pause_over_v1(r) as other
      from holdpoint.runs r where r.org_id = org and r.id = any (ids) and r.ended_at is null
    ), changed as (
      update holdpoint.runs r set version = r.version + 1, pause_scope = (found.other).scope,
          pause_requested = r.pause_requested and (found.other).scope is not null,
          pause_asked = case when r.pause_requested and (found.other).scope is not null
            then holdpoint.pause_asked_v1(found.other) end,
          status = case when not found.was_paused or (found.other).scope is not null then r.status
            when holdpoint.is_run_holding_v1(r) then 'holding' else 'running' end,
          advance_at = case when found.was_paused and (found.other).scope is null then at else r.advance_at end
        from found where r.org_id = org and r.id = found.id
        returning r.id, r.agent_id, r.session_id, r.end_user_id, found.n, found.was_paused and (found.other).scope is null as is_resumed
    )
    insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, run_id, session_id, agent_id,
        end_user_id, data)
      select org, command -> 'eventIds' ->> (c.n - 1)::integer, 'run.resumed', at, pause.lifted_by ->> 'kind',
        pause.lifted_by ->> 'id', pause.lifted_by ->> 'name', c.id, c.session_id, c.agent_id, c.end_user_id,
        json_build_object('scope', pause.scope, 'subject', nullif(pause.subject, ''))
      from changed c where c.is_resumed;
  end if;
  update holdpoint.standing_orders o set apply_after = case when cardinality(ids) = count_limit then ids[count_limit] end
    where o.org_id = org and o.kind = 'pause' and o.scope = pause.scope and o.subject = pause.subject;
  return json_build_object('runs', array_to_json(ids), 'isDone', cardinality(ids) < count_limit);
end $$;
revoke all on function holdpoint.apply_order_v1(json) from public;
grant execute on function holdpoint.apply_order_v1(json) to hp_app;
