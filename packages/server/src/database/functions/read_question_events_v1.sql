-- What happened to an end user's own questions after a cursor, as read_events_v1 gives it, with each question as it is now.
-- By their holds and not along the organisation's log, which is read by everybody else's events.
create or replace function holdpoint.read_question_events_v1(org text, end_user text, after_xid text, after_id text, count_limit integer)
returns json language plpgsql volatile set search_path = '' as $$
declare
  horizon constant xid8 := pg_snapshot_xmin(pg_current_snapshot());
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  return json_build_object('now', holdpoint.hp_now(), 'events', (
    select coalesce(json_agg(json_build_object('isSafe', p.xid < horizon, 'id', p.id, 'xid', p.xid, 'type', p.type,
        'createdAt', p.created_at, 'hold', row_to_json(p.hold)) order by p.xid, p.id), '[]'::json) from (
      with own as materialized (
        select h as hold from holdpoint.holds h
          where h.end_user_id = end_user and h.org_id = org and h.kind in ('clarification', 'authorization')
            and (h.decided_at is null or h.decided_at > holdpoint.hp_now() - interval '30 days'))
      select e.xid, e.id, e.type, e.created_at, own.hold from own
        join holdpoint.events e on e.hold_id = (own.hold).id and e.org_id = org
        where (e.xid, e.id) > (after_xid::xid8, after_id)
          and e.type in ('hold.created', 'hold.decided', 'hold.expired', 'hold.kept', 'hold.cancelled', 'hold.reminded')
        order by e.xid, e.id limit count_limit) p));
end $$;
revoke all on function holdpoint.read_question_events_v1(text, text, text, text, integer) from public;
grant execute on function holdpoint.read_question_events_v1(text, text, text, text, integer) to hp_app;
