-- Why a run cannot be deleted now with those that it called (all_runs: all of them), as an answer; null when nothing keeps it.
-- "not_over" (with run; a cancelled one while a call of it has not reported yet, as what_keeps_session_v1 has it), "asked" (with
-- holdId: somebody is), "claimed" (with holdId: an agent elsewhere has claimed it and not reported yet, for which lose_claims_v1 does
-- not wait for ever), "needed" (with run, which is not over and waits for one of them, goes on from it, or remembers it).
create or replace function holdpoint.what_keeps_run_v1(run holdpoint.runs, all_runs text[]) returns json
language plpgsql volatile set search_path = '' as $$
declare
  other holdpoint.runs;
  kept_hold record;
begin
  select * into other from holdpoint.runs r where r.org_id = run.org_id and r.id = any (all_runs)
    and (r.ended_at is null or r.status = 'cancelled' and r.lease_until is not null and exists (select from holdpoint.tool_calls c
      where c.org_id = r.org_id and c.run_id = r.id and c.status = 'executing')) order by r.id limit 1;
  if other.id is not null then return json_build_object('code', 'not_over', 'run', row_to_json(other)); end if;
  select h.id, h.status into kept_hold from holdpoint.holds h where h.org_id = run.org_id and h.run_id = any (all_runs) and h.run_id is not null
    and (h.status = 'pending' or h.fulfilment = 'executing' and h.tool_call_id is null) order by h.id limit 1;
  if found then
    return json_build_object('code', case kept_hold.status when 'pending' then 'asked' else 'claimed' end, 'holdId', kept_hold.id);
  end if;
  select r.* into other from holdpoint.runs r where r.org_id = run.org_id and r.ended_at is null and r.id <> all (all_runs) and r.id in (
    select f.id from holdpoint.runs f where f.forked_from = any (all_runs) and f.org_id = run.org_id
    union select h.id from holdpoint.runs h where h.history_of = any (all_runs) and h.org_id = run.org_id
    union select w.id from holdpoint.runs w where w.waits_for = any (all_runs) and w.org_id = run.org_id
    union select a.run_id from holdpoint.fork_actions a where a.from_run_id = any (all_runs) and a.org_id = run.org_id
    -- Each turn of a run is shown the same past (session_history_v1).
    union select s.id from holdpoint.runs s where s.session_id = run.session_id and s.org_id = run.org_id and s.ended_at is null
      and s.session_id is not null and s.agent_id = run.agent_id and s.parent_run_id is null and s.heartbeat_seconds is null) order by r.id limit 1;
  if other.id is not null then return json_build_object('code', 'needed', 'run', row_to_json(other)); end if;
  return null;
end $$;
revoke all on function holdpoint.what_keeps_run_v1(holdpoint.runs, text[]) from public;
grant execute on function holdpoint.what_keeps_run_v1(holdpoint.runs, text[]) to hp_app;
