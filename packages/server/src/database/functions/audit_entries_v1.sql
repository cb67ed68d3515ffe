-- A page of an organisation's log: entries from an index on and below another, with their events and what opens them.
-- filter: {holdId, runId, sessionId, endUserId, eventId}, one of them or none. An event that is gone comes as null. Of a session is
-- also what an agent elsewhere has done in one of its runs without naming it.
create or replace function holdpoint.audit_entries_v1(org text, filter json, from_index bigint, below bigint, count_limit integer) returns json
language plpgsql volatile set search_path = '' as $$
declare runs text[];
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  if coalesce(filter ->> 'holdId', filter ->> 'runId', filter ->> 'sessionId', filter ->> 'endUserId', filter ->> 'eventId') is null then
    return (select coalesce(json_agg(json_build_object('index', p.index, 'hash', encode(p.hash, 'hex'), 'salt', encode(p.salt, 'hex'),
      'opening', p.opening, 'event', case when e.id is not null then row_to_json(e) end) order by p.index), '[]'::json)
    from (select * from holdpoint.audit_leaves l where l.org_id = org and l.index >= from_index and l.index < below
      order by l.index limit count_limit) p
    left join holdpoint.events e on e.org_id = org and e.id = p.event_id);
  end if;
  if filter ->> 'sessionId' is not null then
    runs := holdpoint.runs_of_session_v1(org, filter ->> 'sessionId');
  end if;
  return (select coalesce(json_agg(json_build_object('index', p.index, 'hash', encode(p.hash, 'hex'), 'salt', encode(p.salt, 'hex'),
    'opening', p.opening, 'event', row_to_json(p.event)) order by p.index), '[]'::json)
  from (select l.*, e as event from holdpoint.events e join holdpoint.audit_leaves l on l.org_id = org and l.event_id = e.id
    where e.org_id = org and l.index >= from_index and l.index < below
      and (filter ->> 'holdId' is null or e.hold_id = filter ->> 'holdId')
      and (filter ->> 'runId' is null or e.run_id = filter ->> 'runId')
      and (filter ->> 'sessionId' is null or e.session_id = filter ->> 'sessionId' or e.run_id = any (runs) and e.run_id is not null)
      and (filter ->> 'endUserId' is null or e.end_user_id = filter ->> 'endUserId')
      and (filter ->> 'eventId' is null or e.id = filter ->> 'eventId')
    order by l.index limit count_limit) p);
end $$;
revoke all on function holdpoint.audit_entries_v1(text, json, bigint, bigint, integer) from public;
grant execute on function holdpoint.audit_entries_v1(text, json, bigint, bigint, integer) to hp_app;
