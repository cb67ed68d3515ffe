-- One session: its last runs and what was said in them, in the order in which they were asked for.
create or replace function holdpoint.get_session_v1(credential_hash text, session text, run_limit integer) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who holdpoint.principal;
  found_session holdpoint.sessions;
  last_runs holdpoint.runs[];
begin
  who := holdpoint.identify_v1(credential_hash);
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  if not holdpoint.may_read_runs_v1(who.kind, who.scopes) then
    return json_build_object('code', 'not_allowed', 'needs', 'scope runs:* or runs:read');
  end if;
  select * into found_session from holdpoint.sessions s where s.org_id = who.org_id and s.id = session and s.deleting_at is null;
  last_runs := array(select r from holdpoint.runs r where r.org_id = who.org_id and r.session_id = session
    and (who.agent_id is null or r.agent_id = who.agent_id) order by r.id desc limit run_limit);
  if found_session.id is null or (who.agent_id is not null and cardinality(last_runs) = 0) then
    return json_build_object('code', 'not_found');
  end if;
  return json_build_object('code', 'ok', 'summary', holdpoint.session_summary_v1(found_session, who.agent_id),
    'runs', (select coalesce(json_agg(row_to_json(r) order by r.created_at, r.id), '[]'::json) from unnest(last_runs) r),
    'messages', (select coalesce(json_agg(json_build_object('runId', r.id, 'message', m.message) order by r.created_at, r.id, m.position), '[]'::json)
      from unnest(last_runs) r join holdpoint.messages m on m.org_id = r.org_id and m.run_id = r.id
      -- What a fork has taken over is shown with the run that it is from.
      where m.step is distinct from 0),
    'endUser', (select json_build_object('id', u.id, 'name', u.name) from holdpoint.end_users u
      where u.org_id = who.org_id and u.id = found_session.end_user_id));
end $$;
revoke all on function holdpoint.get_session_v1(text, text, integer) from public;
grant execute on function holdpoint.get_session_v1(text, text, integer) to hp_app;
