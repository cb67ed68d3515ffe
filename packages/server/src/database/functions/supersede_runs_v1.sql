-- Cancels what is not over of a session and agent, because a newer message takes its place. Called by create_run_v1 with the
-- session's row locked, so that no further run comes in between.
-- ends: [{eventId, holdEventIds, callEventIds}], one for each run.
-- Answers {code: "ok", superseded: [{runId, holdIds, children: see control_run_v1}]} or {code: "again", runs, room}: more ids are needed, and nothing was done.
--
-- Locks: all their open holds, then the order among runs, then the runs by id; then control_run_v1 locks nothing anew.
create or replace function holdpoint.supersede_runs_v1(newer holdpoint.runs, credential_hash text, ends json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  open constant text[] := array(select r.id from holdpoint.runs r
    where r.org_id = newer.org_id and r.session_id = newer.session_id and r.agent_id = newer.agent_id and r.ended_at is null
      and r.heartbeat_seconds is null and r.parent_run_id is null order by r.id);
  answer json;
  superseded json[] := '{}';
  n integer := 0;
begin
  if cardinality(open) > json_array_length(ends) then
    return json_build_object('code', 'again', 'runs', cardinality(open), 'room', 0);
  end if;
  perform h.id from holdpoint.holds h
    where h.org_id = newer.org_id and h.run_id = any (open) and h.run_id is not null and h.status = 'pending' order by h.id for update;
  for n in 1 .. cardinality(open) loop
    perform holdpoint.lock_shared_runs_v1(newer.org_id, open[n]);
  end loop;
  perform r.id from holdpoint.runs r where r.org_id = newer.org_id and r.id = any (open) order by r.id for update;
  begin
    for n in 1 .. cardinality(open) loop
      answer := holdpoint.control_run_v1(json_build_object('credentialHash', credential_hash, 'runId', open[n], 'action', 'supersede',
        'reason', 'A newer message took its place.', 'supersededBy', newer.id, 'eventId', ends -> (n - 1) ->> 'eventId',
        'holdEventIds', ends -> (n - 1) -> 'holdEventIds', 'callEventIds', ends -> (n - 1) -> 'callEventIds'));
      -- One that has ended meanwhile has nothing to be superseded.
      if answer ->> 'code' = 'ok' then
        superseded := superseded || json_build_object('runId', open[n], 'holdIds', answer -> 'holdIds',
          'children', answer -> 'children');
      elsif answer ->> 'code' <> 'run_ended' then
        raise exception using errcode = 'HP001', message = answer;
      end if;
    end loop;
  exception when sqlstate 'HP001' then
    return answer;
  end;
  return json_build_object('code', 'ok', 'superseded', array_to_json(superseded));
end $$;
revoke all on function holdpoint.supersede_runs_v1(holdpoint.runs, text, json) from public;
grant execute on function holdpoint.supersede_runs_v1(holdpoint.runs, text, json) to hp_app;
