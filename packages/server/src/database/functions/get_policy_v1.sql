-- A version of the policy, for people: that in force without a number, {code: "ok", version: row or null, inForce, shadow}.
-- command: {credentialHash, version}
create or replace function holdpoint.get_policy_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who holdpoint.principal;
  policy holdpoint.policies;
  found_version holdpoint.policy_versions;
begin
  who := holdpoint.identify_v1(command ->> 'credentialHash');
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  if who.kind not in ('session', 'operator') then return json_build_object('code', 'not_allowed', 'needs', 'person'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  select * into policy from holdpoint.policies p where p.org_id = who.org_id;
  select * into found_version from holdpoint.policy_versions v
    where v.org_id = who.org_id and v.version = coalesce((command ->> 'version')::integer, policy.version);
  if found_version.id is null and command ->> 'version' is not null then return json_build_object('code', 'not_found'); end if;
  return json_build_object('code', 'ok', 'orgId', who.org_id, 'inForce', coalesce(policy.version, 0), 'shadow', policy.shadow_version,
    'version', case when found_version.id is not null then row_to_json(found_version) end);
end $$;
revoke all on function holdpoint.get_policy_v1(json) from public;
grant execute on function holdpoint.get_policy_v1(json) to hp_app;
