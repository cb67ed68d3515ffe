-- The rotations of the policy in force, and what time it is. For any credential that may read holds.
create or replace function holdpoint.list_rotations_v1(credential_hash text) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(credential_hash);
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  if who.member_id is null then return json_build_object('code', 'not_allowed', 'needs', 'person'); end if;
  return json_build_object('code', 'ok', 'now', holdpoint.hp_now(),
    'rotations', holdpoint.directory_v1(who.org_id) -> 'rotations');
end $$;
revoke all on function holdpoint.list_rotations_v1(text) from public;
grant execute on function holdpoint.list_rotations_v1(text) to hp_app;
