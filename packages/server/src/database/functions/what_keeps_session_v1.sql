-- Why a session cannot be deleted now, as an answer: a run of it is not over, or was cancelled over a call that has not reported
-- yet (lose_calls_v1 waits for that no longer than a lease lasts), or somebody is asked. Null when nothing keeps it.
create or replace function holdpoint.what_keeps_session_v1(org text, session text) returns json
language plpgsql volatile set search_path = '' as $$
declare
  run holdpoint.runs;
  hold_id text;
begin
  select * into run from holdpoint.runs r where r.org_id = org and r.session_id = session and r.ended_at is null order by r.id limit 1;
  if run.id is not null then return json_build_object('code', 'session_busy', 'run', row_to_json(run)); end if;
  select * into run from holdpoint.runs r where r.org_id = org and r.session_id = session and r.status = 'cancelled' and r.lease_until is not null
    and exists (select from holdpoint.tool_calls c where c.org_id = r.org_id and c.run_id = r.id and c.status = 'executing') order by r.id limit 1;
  if run.id is not null then return json_build_object('code', 'session_busy', 'run', row_to_json(run)); end if;
  hold_id := (select min(h.id) from (
    select h.id, h.status from holdpoint.holds h where h.org_id = org and h.session_id = session and h.session_id is not null
    union all
    select h.id, h.status from holdpoint.runs r join holdpoint.holds h on h.org_id = r.org_id and h.run_id = r.id and h.run_id is not null
      where r.org_id = org and r.session_id = session) h where h.status = 'pending');
  if hold_id is not null then return json_build_object('code', 'session_busy', 'holdId', hold_id); end if;
  return null;
end $$;
revoke all on function holdpoint.what_keeps_session_v1(text, text) from public;
grant execute on function holdpoint.what_keeps_session_v1(text, text) to hp_app;
