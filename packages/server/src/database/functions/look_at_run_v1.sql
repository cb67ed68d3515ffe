-- Whether whoever waits for a run has something to see: it has ended, or it waits for a person. What a wait asks at each
-- wake-up, where get_run_v1 would read and render all of it ten times a cycle.
create or replace function holdpoint.look_at_run_v1(credential_hash text, run_id text) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(credential_hash);
  ignored text;
  run_agent text;
  run_status text;
  below text[] := '{}';
  nests boolean;
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  ignored := pg_catalog.set_config('hp.org_id', who.org_id, true);
  if not holdpoint.may_read_runs_v1(who.kind, who.scopes) then
    return json_build_object('code', 'not_allowed', 'needs', 'scope runs:* or runs:read');
  end if;
  select r.agent_id, r.status, r.has_children into run_agent, run_status, nests from holdpoint.runs r
    where r.org_id = who.org_id and r.id = look_at_run_v1.run_id;
  if run_status is null or (who.agent_id is not null and run_agent <> who.agent_id) then
    return json_build_object('code', 'not_found');
  end if;
  if nests then below := holdpoint.runs_below_v1(who.org_id, run_id); end if;
  -- "Pending" as decided_at tells it: by its status a table that was never analyzed would be read along holds_open, all that
  -- an organisation has open.
  return json_build_object('code', 'ok', 'isSettled', case run_status
    when 'holding' then exists (select from holdpoint.holds h where h.org_id = who.org_id and h.run_id = look_at_run_v1.run_id and h.run_id is not null
      and h.decided_at is null and (h.expires_at is null or h.expires_at > holdpoint.hp_now()))
      or exists (select from holdpoint.asks a join holdpoint.holds h on h.org_id = a.org_id and h.id = a.hold_id
        where a.org_id = who.org_id and a.run_id = look_at_run_v1.run_id
          and h.decided_at is null and (h.expires_at is null or h.expires_at > holdpoint.hp_now()))
      or nests and exists (select from holdpoint.holds h where h.org_id = who.org_id and h.run_id = any (below) and h.run_id is not null
        and h.decided_at is null and (h.expires_at is null or h.expires_at > holdpoint.hp_now()))
    else run_status in ('completed', 'failed', 'cancelled') end);
end $$;
revoke all on function holdpoint.look_at_run_v1(text, text) from public;
grant execute on function holdpoint.look_at_run_v1(text, text) to hp_app;
