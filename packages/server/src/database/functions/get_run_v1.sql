-- One run with its messages, calls, holds (also of the runs that it called) and steps, for any credential of its organisation that may read it.
create or replace function holdpoint.get_run_v1(credential_hash text, run_id text) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who holdpoint.principal;
  run holdpoint.runs;
  below text[] := '{}';
begin
  who := holdpoint.identify_v1(credential_hash);
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  if not holdpoint.may_read_runs_v1(who.kind, who.scopes) then
    return json_build_object('code', 'not_allowed', 'needs', 'scope runs:* or runs:read');
  end if;
  select * into run from holdpoint.runs r where r.org_id = who.org_id and r.id = get_run_v1.run_id;
  if run.id is null or (who.agent_id is not null and run.agent_id <> who.agent_id) then
    return json_build_object('code', 'not_found');
  end if;
  if run.has_children then below := holdpoint.runs_below_v1(run.org_id, run.id); end if;
  return json_build_object('code', 'ok', 'now', holdpoint.hp_now(), 'run', row_to_json(run),
    'children', case when run.has_children then (select json_agg(json_build_object('id', r.id, 'callId', r.parent_call_id))
      from holdpoint.runs r where r.org_id = run.org_id and r.parent_run_id = run.id) else '[]'::json end,
    'messages', (select coalesce(json_agg(m.message order by m.position), '[]'::json) from holdpoint.messages m
      where m.org_id = run.org_id and m.run_id = run.id),
    'calls', (select coalesce(json_agg(row_to_json(c) order by c.step, c.position), '[]'::json) from holdpoint.tool_calls c
      where c.org_id = run.org_id and c.run_id = run.id),
    -- Why calls went ahead by themselves. By run and step: a table that was never analyzed would be read along its primary key.
    'reasons', (select coalesce(json_object_agg(k.tool_call_id, k.reasons), '{}'::json) from holdpoint.tool_calls c
      join holdpoint.claims k on k.tool_call_id = c.id and k.attempt = 1 and k.org_id = c.org_id
      where c.org_id = run.org_id and c.run_id = run.id and c.step >= 1 and c.hold_id is null),
    'notes', (select coalesce(json_agg(row_to_json(n) order by n.created_at, n.id), '[]'::json) from holdpoint.run_notes n
      where n.org_id = run.org_id and n.run_id = run.id),
    'forks', (select coalesce(json_agg(f.id order by f.id), '[]'::json) from holdpoint.runs f
      where f.org_id = run.org_id and f.forked_from = run.id),
    'steps', (select coalesce(json_agg(row_to_json(s) order by s.position), '[]'::json) from holdpoint.steps s
      where s.org_id = run.org_id and s.run_id = run.id),
    -- See load_run_v1 for the order and "is not null".
    'holds', (select coalesce(json_agg(row_to_json(v) order by v.created_at, v.id), '[]'::json) from (select h.*, holdpoint.votes_of_hold_v1(h::holdpoint.holds) as votes from (
      select * from holdpoint.holds h where h.org_id = run.org_id and h.run_id = run.id and h.run_id is not null
      union all
      select * from holdpoint.holds h where below <> '{}' and h.org_id = run.org_id and h.run_id = any (below) and h.run_id is not null
      union all
      -- What its calls ask and another run asked before.
      select * from holdpoint.holds h where h.org_id = run.org_id and h.run_id is distinct from run.id and not (h.run_id is not null and h.run_id = any (below)) and h.id = any (array(
        select a.hold_id from holdpoint.asks a where a.org_id = run.org_id and a.run_id = run.id))) h) v));
end $$;
revoke all on function holdpoint.get_run_v1(text, text) from public;
grant execute on function holdpoint.get_run_v1(text, text) to hp_app;
