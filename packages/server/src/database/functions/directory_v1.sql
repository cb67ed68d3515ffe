-- Groups and rotations of the policy in force: who is meant by their names. Nobody where there is no policy.
create or replace function holdpoint.directory_v1(org text) returns json
language sql stable set search_path = '' as $$
  select json_build_object('groups', coalesce(v.document -> 'groups', '{}'::json),
      'rotations', coalesce(v.document -> 'rotations', '{}'::json))
    from (select) nothing
    left join holdpoint.policies p on p.org_id = org
    left join holdpoint.policy_versions v on v.org_id = p.org_id and v.version = p.version
$$;
revoke all on function holdpoint.directory_v1(text) from public;
grant execute on function holdpoint.directory_v1(text) to hp_app;
