-- A pending hold whose tool is another one by now (I8). Of an agent elsewhere: withdrawn, with the reason. Of a run's call:
-- withdrawn, and asked again in the same transaction as what the tool is now; each says the other's id.
-- command: {orgId, holdId, holdVersion, reason, eventId, policyRevision,
--   next?: {row: hold columns, timeoutSeconds, respondSeconds, eventId, shadow}}
-- Answers {code: "ok", hold} or {code: "gone" | "policy_outdated"}. Locks: the hold, then its run, as deciding does.
create or replace function holdpoint.void_hold_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  hold holdpoint.holds;
  next holdpoint.holds;
  run holdpoint.runs;
  at timestamptz;
  reason text := command ->> 'reason';
begin
  perform pg_catalog.set_config('hp.org_id', command ->> 'orgId', true);
  select * into hold from holdpoint.holds h where h.org_id = command ->> 'orgId' and h.id = command ->> 'holdId' for update;
  at := holdpoint.hp_now();
  if hold.id is null or hold.status <> 'pending' or hold.version <> (command ->> 'holdVersion')::integer or hold.expires_at <= at then
    return json_build_object('code', 'gone');
  end if;
  if command -> 'next' is not null then
    if coalesce((command ->> 'policyRevision')::bigint, 0)
      <> coalesce((select p.revision from holdpoint.policies p where p.org_id = hold.org_id), 0) then
      return json_build_object('code', 'policy_outdated');
    end if;
    select * into run from holdpoint.runs r where r.org_id = hold.org_id and r.id = hold.run_id for update;
    if run.status in ('completed', 'failed', 'cancelled') or not exists (select from holdpoint.tool_calls c
        where c.org_id = hold.org_id and c.id = hold.tool_call_id and c.hold_id = hold.id and c.status = 'gated') then
      return json_build_object('code', 'gone');
    end if;
    next := json_populate_record(null::holdpoint.holds, command #> '{next,row}');
    next.org_id := hold.org_id;
    next.status := 'pending';
    next.version := 1;
    next.fulfilment := 'none';
    next.requester := hold.requester;
    next.requester_kind := hold.requester_kind;
    next.starter_member_id := hold.starter_member_id;
    next.path := hold.path;
    next.agent_id := hold.agent_id;
    next.run_id := hold.run_id;
    next.tool_call_id := hold.tool_call_id;
    next.session_id := hold.session_id;
    next.end_user_id := hold.end_user_id;
    next.created_at := at;
    next.expires_at := at + make_interval(secs => (command #>> '{next,timeoutSeconds}')::double precision);
    next.respond_by := least(next.expires_at, at + make_interval(secs => (command #>> '{next,respondSeconds}')::double precision));
    insert into holdpoint.holds select (next).*;
    -- Before the old hold ends, so that settling it does not end the call: the call waits on, for the new one.
    update holdpoint.tool_calls c set hold_id = next.id, action_hash = next.action_hash, tool_hash = next.tool_hash
      where c.org_id = hold.org_id and c.id = hold.tool_call_id;
  end if;
  hold.status := 'cancelled';
  hold.version := hold.version + 1;
  hold.decided_at := at;
  hold.outcome := json_build_object('verdict', null, 'comment', reason,
    'by', json_build_object('id', 'system', 'name', 'policy', 'via', 'policy', 'verifiedBy', null));
  if next.id is null then
    perform holdpoint.settle_hold_v1(hold);
  else
    update holdpoint.holds h set status = hold.status, version = hold.version, decided_at = hold.decided_at, outcome = hold.outcome,
        metadata = (coalesce(h.metadata::jsonb, '{}') || jsonb_build_object('replacedBy', next.id))::json
      where h.org_id = hold.org_id and h.id = hold.id;
  end if;
  perform holdpoint.append_hold_event_v1(hold, command ->> 'eventId', 'hold.cancelled', at, 'system', 'system', 'policy',
    'cancelled', reason, json_build_object('holdId', hold.id, 'title', hold.title, 'action', hold.action, 'reason', reason,
      'toolCallId', hold.tool_call_id, 'replacedBy', next.id));
  if next.id is not null then
    perform holdpoint.append_hold_event_v1(next, command #>> '{next,eventId}', 'hold.created', at, 'agent', next.agent_id, null, null, null,
      holdpoint.presented_v2(next, command #> '{next,shadow}'));
  end if;
  return json_build_object('code', 'ok', 'now', at, 'hold', row_to_json(hold));
end $$;
revoke all on function holdpoint.void_hold_v1(json) from public;
grant execute on function holdpoint.void_hold_v1(json) to hp_app;
