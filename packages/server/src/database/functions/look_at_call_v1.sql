-- A call that is to be amended, for whoever may do so: what the policy and the tool's schema are asked about.
-- Answers {code: "ok", run, endUser, call, hold} or {code: "unauthorized" | "not_found" | "not_allowed" | "no_call"}.
create or replace function holdpoint.look_at_call_v1(credential_hash text, run_id text, call_id text) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(credential_hash);
  run holdpoint.runs;
  call holdpoint.tool_calls;
  refused json;
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  select * into run from holdpoint.runs r where r.org_id = who.org_id and r.id = look_at_call_v1.run_id;
  refused := holdpoint.steer_right_v1(who, run, true);
  if refused is not null then return refused; end if;
  select * into call from holdpoint.tool_calls c where c.org_id = run.org_id and c.id = call_id and c.run_id = run.id;
  if call.id is null then return json_build_object('code', 'no_call'); end if;
  return json_build_object('code', 'ok', 'now', holdpoint.hp_now(), 'run', row_to_json(run), 'call', row_to_json(call), 'byName', who.member_name,
    'hold', (select row_to_json(h) from holdpoint.holds h where h.org_id = run.org_id and h.id = call.hold_id),
    'endUser', (select json_build_object('id', u.id, 'name', u.name, 'email', u.email, 'phone', u.phone,
        'additionalData', u.additional_data, 'preferences', u.preferences)
      from holdpoint.end_users u where u.org_id = run.org_id and u.id = run.end_user_id));
end $$;
revoke all on function holdpoint.look_at_call_v1(text, text, text) from public;
grant execute on function holdpoint.look_at_call_v1(text, text, text) to hp_app;
