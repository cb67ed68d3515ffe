-- Keeps what a call must not do twice, before it is used: the first value counts, whoever comes later gets it (I2). Not fenced
-- by the lease: whoever did it has done it, and the next attempt has to know.
-- command: {orgId, runId, callId, attempt, name, value}. Answers {code: "ok", value} or {code: "lost"} when there is no such call.
create or replace function holdpoint.keep_once_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  kept json;
begin
  perform pg_catalog.set_config('hp.org_id', command ->> 'orgId', true);
  if not exists (select from holdpoint.tool_calls c where c.org_id = command ->> 'orgId' and c.id = command ->> 'callId'
      and c.run_id = command ->> 'runId') then
    return json_build_object('code', 'lost');
  end if;
  insert into holdpoint.once_results (org_id, tool_call_id, name, value, attempt, created_at)
    values (command ->> 'orgId', command ->> 'callId', command ->> 'name', command -> 'value', (command ->> 'attempt')::integer,
      holdpoint.hp_now())
    on conflict do nothing;
  select o.value into kept from holdpoint.once_results o
    where o.org_id = command ->> 'orgId' and o.tool_call_id = command ->> 'callId' and o.name = command ->> 'name';
  return json_build_object('code', 'ok', 'value', kept);
end $$;
revoke all on function holdpoint.keep_once_v1(json) from public;
grant execute on function holdpoint.keep_once_v1(json) to hp_app;
