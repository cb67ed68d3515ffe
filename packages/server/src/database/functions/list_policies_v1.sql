-- A page of the versions without their documents, newest first, one more than asked for.
-- command: {credentialHash, belowVersion, limit}
create or replace function holdpoint.list_policies_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare who holdpoint.principal;
begin
  who := holdpoint.identify_v1(command ->> 'credentialHash');
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  if who.kind not in ('session', 'operator') then return json_build_object('code', 'not_allowed', 'needs', 'person'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  return json_build_object('code', 'ok', 'page', (select coalesce(json_agg(row_to_json(v) order by v.version desc), '[]'::json) from (
    select version, source, comment, created_at, created_by, created_by_name from holdpoint.policy_versions p
    where p.org_id = who.org_id and (command ->> 'belowVersion' is null or p.version < (command ->> 'belowVersion')::integer)
    order by p.version desc limit (command ->> 'limit')::integer + 1) v));
end $$;
revoke all on function holdpoint.list_policies_v1(json) from public;
grant execute on function holdpoint.list_policies_v1(json) to hp_app;
