-- A person changes the policy. command: {credentialHash, baseVersion, and what add_policy_v1 takes}
-- baseVersion is the version in force that the change was made from: another one by now is refused, so that of two editors
-- none overwrites the other.
-- Answers {code: "ok" | "repeated", version: row, inForce} or {code: "version_conflict", inForce} or a refusal.
create or replace function holdpoint.put_policy_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who record;
  policy holdpoint.policies;
  known holdpoint.policy_versions;
begin
  select * into who from holdpoint.policy_editor_v1(command ->> 'credentialHash');
  if who.code <> 'ok' then return json_build_object('code', who.code, 'needs', 'role admin or operator'); end if;
  policy := holdpoint.lock_policy_v1(who.org_id);
  select * into known from holdpoint.policy_versions v
    where v.org_id = who.org_id and (v.id = command ->> 'id' or v.idempotency_key = command ->> 'idempotencyKey');
  if known.id is not null then
    return json_build_object('version', row_to_json(known), 'inForce', policy.version, 'code',
      case when known.body_hash is not distinct from command ->> 'bodyHash' and known.created_by = who.member_id
        then 'repeated' else 'idempotency_mismatch' end);
  end if;
  if policy.version <> (command ->> 'baseVersion')::integer then
    return json_build_object('code', 'version_conflict', 'inForce', policy.version);
  end if;
  known := holdpoint.add_policy_v1(policy, command, who.member_id, who.member_name);
  return json_build_object('code', 'ok', 'version', row_to_json(known),
    'inForce', case when command ->> 'mode' = 'shadow' then policy.version else known.version end);
end $$;
revoke all on function holdpoint.put_policy_v1(json) from public;
grant execute on function holdpoint.put_policy_v1(json) to hp_app;
