-- Standing permissions that have not ended, and the revision that they are of. One snapshot.
create or replace function holdpoint.load_grants_v1(org text) returns json
language plpgsql volatile set search_path = '' as $$
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  return (select json_build_object(
    'revision', coalesce((select p.revision from holdpoint.policies p where p.org_id = org), 0),
    'grants', coalesce((select json_agg(row_to_json(g) order by g.id) from holdpoint.grants g
      where g.org_id = org and g.revoked_at is null and g.expires_at > holdpoint.hp_now()
        and coalesce(g.uses_left, 1) > 0), '[]'::json)));
end $$;
revoke all on function holdpoint.load_grants_v1(text) from public;
grant execute on function holdpoint.load_grants_v1(text) to hp_app;
