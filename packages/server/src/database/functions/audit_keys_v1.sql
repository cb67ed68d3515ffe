-- The verifier keys that have signed checkpoints of an organisation, the newest first.
create or replace function holdpoint.audit_keys_v1(org text) returns json
language plpgsql volatile set search_path = '' as $$
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  return (select coalesce(json_agg(k.key order by k.newest desc), '[]'::json) from (
    select c.key, max(c.size) as newest from holdpoint.audit_checkpoints c where c.org_id = org group by c.key) k);
end $$;
revoke all on function holdpoint.audit_keys_v1(text) from public;
grant execute on function holdpoint.audit_keys_v1(text) to hp_app;
