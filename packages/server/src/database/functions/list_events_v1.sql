-- A page of an organisation's log, newest first, for people who look at it.
-- filter: {runId, sessionId, holdId, agentId, actorId, about}; about is the part of the type before its dot.
create or replace function holdpoint.list_events_v1(org text, filter json, before_xid text, before_id text, count_limit integer) returns json
language plpgsql volatile set search_path = '' as $$
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  return (select coalesce(json_agg(row_to_json(e)), '[]'::json) from (
    select * from holdpoint.events e
      where e.org_id = org
        and (before_xid is null or (e.xid, e.id) < (before_xid::xid8, before_id))
        and (filter ->> 'runId' is null or e.run_id = filter ->> 'runId')
        and (filter ->> 'sessionId' is null or e.session_id = filter ->> 'sessionId')
        and (filter ->> 'holdId' is null or e.hold_id = filter ->> 'holdId')
        and (filter ->> 'agentId' is null or e.agent_id = filter ->> 'agentId')
        and (filter ->> 'actorId' is null or e.actor_id = filter ->> 'actorId')
        and (filter ->> 'about' is null or starts_with(e.type, (filter ->> 'about') || '.'))
      order by e.xid desc, e.id desc limit count_limit) e);
end $$;
revoke all on function holdpoint.list_events_v1(text, json, text, text, integer) from public;
grant execute on function holdpoint.list_events_v1(text, json, text, text, integer) to hp_app;
