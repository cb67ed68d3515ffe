-- The config file's policy becomes a new version, unless it is the one that was taken over last: what people changed since
-- then stays. command: {orgId, baseVersion, and what add_policy_v1 takes, with configHash}
-- Answers {code: "ok", version: row}, {code: "same"} or {code: "version_conflict"}.
create or replace function holdpoint.take_over_policy_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  policy holdpoint.policies;
  added holdpoint.policy_versions;
begin
  perform pg_catalog.set_config('hp.org_id', command ->> 'orgId', true);
  policy := holdpoint.lock_policy_v1(command ->> 'orgId');
  if policy.config_hash = command ->> 'configHash' then return json_build_object('code', 'same'); end if;
  if policy.version <> (command ->> 'baseVersion')::integer then return json_build_object('code', 'version_conflict'); end if;
  added := holdpoint.add_policy_v1(policy, command, null, null);
  return json_build_object('code', 'ok', 'version', row_to_json(added));
end $$;
revoke all on function holdpoint.take_over_policy_v1(json) from public;
grant execute on function holdpoint.take_over_policy_v1(json) to hp_app;
