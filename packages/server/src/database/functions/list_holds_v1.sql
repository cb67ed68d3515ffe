-- A page of holds by keyset. command: {credentialHash, status, kind, tier, agentId, runId, endUserId, transactionId, q, sort,
-- afterId, afterKey, limit, assignee, deferred, statuses, offset, countUpTo}. statuses are stored ones, any of them, in place of status. offset and
-- countUpTo are for protocols that number their pages: the answer then has count, which is countUpTo + 1 where there are more. Status `ended` is every one but pending; assignee `me` is what the person
-- who asks may decide and has not put off; deferred is what they have put off. Deadlines count at once: a pending hold past its deadline lists as expired (I6).
create or replace function holdpoint.list_holds_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who holdpoint.principal;
  at timestamptz;
  where_sql text := 'h.org_id = $1';
  order_sql text;
  key_sql text;
  page json;
  mine text[];
  counted integer;
begin
  who := holdpoint.identify_v1(command ->> 'credentialHash');
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  if not holdpoint.may_read_holds_v1(who.kind, who.scopes) then
    return json_build_object('code', 'not_allowed', 'needs', 'scope holds:create or holds:read');
  end if;
  at := holdpoint.hp_now();
  if who.kind = 'agent' and who.agent_id is not null then where_sql := where_sql || format(' and h.agent_id = %L', who.agent_id); end if;
  if command ->> 'status' = 'pending' then
    where_sql := where_sql || ' and h.status = ''pending'' and (h.expires_at is null or h.expires_at > $2)';
  elsif command ->> 'status' = 'expired' then
    where_sql := where_sql || ' and (h.status = ''expired'' or h.status = ''pending'' and h.expires_at <= $2)';
  elsif command ->> 'status' = 'ended' then
    where_sql := where_sql || ' and (h.status <> ''pending'' or h.expires_at <= $2)';
  elsif command ->> 'status' is not null then
    where_sql := where_sql || format(' and h.status = %L', command ->> 'status');
  end if;
  if command -> 'statuses' is not null then
    where_sql := where_sql || format(' and h.status = any (%L::text[])', array(select json_array_elements_text(command -> 'statuses')));
  end if;
  if command ->> 'assignee' = 'me' then
    -- Composed routes by the names of their parts: coarse, since whether it is somebody's turn is not known here.
    mine := holdpoint.askable_v1(who, at);
    where_sql := where_sql || format(' and (''role:'' || h.route_role = any (%2$L::text[]) or h.askable && %2$L::text[])
      and not (h.requester_member_id is not distinct from %1$L and (h.separation = ''strict'' or h.requester_kind <> ''operator_key''))
      and not (h.separation = ''starter'' and h.starter_member_id is not distinct from %1$L)
      and not exists (select from holdpoint.decisions d where d.hold_id = h.id and d.org_id = h.org_id and d.by_id = %1$L
        and h.status = ''pending'' and d.hold_version >= coalesce(h.votes_since, 1))', who.member_id, mine);
  end if;
  if command ->> 'assignee' = 'me' or command ->> 'deferred' is not null then
    where_sql := where_sql || format(' and %s exists (select from holdpoint.deferrals d
      where d.org_id = h.org_id and d.hold_id = h.id and d.member_id = %L)',
      case when (command ->> 'deferred')::boolean then '' else 'not' end, who.member_id);
  end if;
  if command ->> 'kind' is not null then where_sql := where_sql || format(' and h.kind = %L', command ->> 'kind'); end if;
  if command ->> 'tier' is not null then where_sql := where_sql || format(' and h.tier = %L', command ->> 'tier'); end if;
  if command ->> 'agentId' is not null then where_sql := where_sql || format(' and h.agent_id = %L', command ->> 'agentId'); end if;
  if command ->> 'runId' is not null then where_sql := where_sql || format(' and h.run_id = %L', command ->> 'runId'); end if;
  if command ->> 'endUserId' is not null then where_sql := where_sql || format(' and h.end_user_id = %L', command ->> 'endUserId'); end if;
  if command ->> 'transactionId' is not null then where_sql := where_sql || format(' and h.transaction_id = %L', command ->> 'transactionId'); end if;
  if command ->> 'q' is not null then
    where_sql := where_sql || format(' and (h.title ilike %1$L or h.summary ilike %1$L)',
      '%' || replace(replace(replace(command ->> 'q', '\', '\\'), '%', '\%'), '_', '\_') || '%');
  end if;
  if command ->> 'countUpTo' is not null then
    execute format('select count(*) from (select from holdpoint.holds h where %s limit %s) c', where_sql, (command ->> 'countUpTo')::integer + 1)
      into counted using who.org_id, at;
  end if;
  -- Newest first by default: ids carry their time. Others break ties by id.
  key_sql := case command ->> 'sort'
    when 'expiresAt' then 'coalesce(h.expires_at, ''infinity'')'
    when 'impact' then 'coalesce(array_position(array[''high'', ''medium'', ''low''], h.impact), 4)'
    else null end;
  if command ->> 'afterId' is not null then
    where_sql := where_sql || case
      when key_sql is null then format(' and h.id < %L', command ->> 'afterId')
      else format(' and (%s, h.id) > (%L, %L)', key_sql, command ->> 'afterKey', command ->> 'afterId') end;
  end if;
  order_sql := case when key_sql is null then 'h.id desc' else key_sql || ', h.id' end;
  execute format('select coalesce(json_agg(json_build_object(''key'', p.key, ''hold'', p.hold)), ''[]''::json) from
    (select %s as key, (select row_to_json(v) from (select h.*, holdpoint.votes_of_hold_v1(h) as votes) v) as hold from holdpoint.holds h where %s order by %s limit %s offset %s) p',
    coalesce('(' || key_sql || ')::text', 'null::text'), where_sql, order_sql, (command ->> 'limit')::integer + 1, coalesce((command ->> 'offset')::integer, 0))
    into page using who.org_id, at;
  return json_build_object('code', 'ok', 'now', at, 'page', page, 'count', counted, 'me', case when command ->> 'assignee' = 'me' then
    json_build_object('person', (select json_build_object('memberId', m.id, 'email', m.email, 'role', m.role,
        'standsInFor', holdpoint.stands_in_for_v1(m.org_id, m.id, at)) from holdpoint.members m
      where m.org_id = who.org_id and m.id = who.member_id), 'directory', holdpoint.directory_v1(who.org_id)) end);
end $$;
revoke all on function holdpoint.list_holds_v1(json) from public;
grant execute on function holdpoint.list_holds_v1(json) to hp_app;
