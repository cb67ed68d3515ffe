-- What became of the actions that people were asked about: a numbered page, by when it was settled. For whoever may read the log; an
-- agent's key sees its own agent's.
-- command: {credentialHash, statuses, holdId, agentId, from, until, isAscending, offset, limit, countUpTo}
-- Answers {code: "ok", now, count (countUpTo + 1 where there are more), page: [{hold, agentName}]}, agentName of an agent that was made
-- over the API; or {code: "unauthorized" | "not_allowed"}.
create or replace function holdpoint.list_outcomes_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(command ->> 'credentialHash');
  statuses constant text[] := array(select json_array_elements_text(command -> 'statuses'));
  agent constant text := coalesce(who.agent_id, command ->> 'agentId');
  -- Of another agent there is nothing to see.
  is_others constant boolean := who.agent_id is not null and command ->> 'agentId' is not null and who.agent_id <> command ->> 'agentId';
  direction constant text := case when (command ->> 'isAscending')::boolean then 'asc' else 'desc' end;
  found_sql constant text := 'from holdpoint.holds h where h.org_id = $1 and h.kind = ''approval'' and h.status = any ($2::text[])
    and not $3 and ($4 is null or h.agent_id = $4) and ($5 is null or h.decided_at >= $5) and ($6 is null or h.decided_at < $6) and ($7 is null or h.id = $7)';
  counted integer;
  page json;
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  if who.kind not in ('session', 'operator') and not ('audit:read' = any (who.scopes)) then
    return json_build_object('code', 'not_allowed', 'needs', 'scope audit:read');
  end if;
  execute format('select count(*) from (select %s limit $8) c', found_sql) into counted
    using who.org_id, statuses, is_others, agent, (command ->> 'from')::timestamptz, (command ->> 'until')::timestamptz,
      command ->> 'holdId', (command ->> 'countUpTo')::integer + 1;
  execute format('select coalesce(json_agg(json_build_object(''hold'', row_to_json(p.*), ''agentName'',
      (select a.name from holdpoint.agents a where a.org_id = p.org_id and a.id = p.agent_id))), ''[]''::json)
    from (select h.* %s order by h.decided_at %s, h.id %2$s limit $8 offset $9) p', found_sql, direction) into page
    using who.org_id, statuses, is_others, agent, (command ->> 'from')::timestamptz, (command ->> 'until')::timestamptz,
      command ->> 'holdId', (command ->> 'limit')::integer, (command ->> 'offset')::integer;
  return json_build_object('code', 'ok', 'now', holdpoint.hp_now(), 'count', counted, 'page', page);
end $$;
revoke all on function holdpoint.list_outcomes_v1(json) from public;
grant execute on function holdpoint.list_outcomes_v1(json) to hp_app;
