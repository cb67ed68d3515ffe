-- Looks after a run that lives elsewhere: notes that it is lost, and marks its open holds; or that it holds no more.
-- command: {orgId, runId, eventIds: [lost, settled]}. Answers {isLost, holdIds}. Locks: its open holds, then the run.
create or replace function holdpoint.tend_external_run_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  org constant text := command ->> 'orgId';
  run holdpoint.runs;
  open text[];
  is_lost boolean := false;
  at timestamptz;
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  open := array(select h.id from holdpoint.holds h where h.org_id = org and h.run_id = command ->> 'runId' and h.status = 'pending'
    order by h.id for update);
  select * into run from holdpoint.runs r where r.org_id = org and r.id = command ->> 'runId' and r.ended_at is null for update;
  if run.id is null then return json_build_object('isLost', false); end if;
  at := holdpoint.hp_now();
  if run.lost_after <= at then
    is_lost := true;
    run.version := run.version + 1;
    update holdpoint.runs r set lost_at = at, lost_after = null, version = run.version where r.org_id = org and r.id = run.id;
    update holdpoint.holds h set run_lost_at = at, version = h.version + 1 where h.org_id = org and h.id = any (open);
    perform holdpoint.append_run_event_v1(run, json_build_object('id', command -> 'eventIds' ->> 0, 'type', 'run.lost', 'actorKind', 'system',
      'data', json_build_object('heartbeatAt', run.heartbeat_at, 'heartbeatSeconds', run.heartbeat_seconds, 'holdIds', open)), at);
  end if;
  update holdpoint.runs r set advance_at = null where r.org_id = org and r.id = run.id and r.advance_at is not null;
  perform holdpoint.settle_external_run_v1(run, command -> 'eventIds' ->> 1, at);
  return json_build_object('isLost', is_lost, 'holdIds', open);
end $$;
revoke all on function holdpoint.tend_external_run_v1(json) from public;
grant execute on function holdpoint.tend_external_run_v1(json) to hp_app;
