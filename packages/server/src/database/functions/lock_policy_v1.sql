-- The organisation's row of holdpoint.policies, locked; made where there was none. Two editors come one after the other.
create or replace function holdpoint.lock_policy_v1(org text) returns holdpoint.policies
language plpgsql volatile set search_path = '' as $$
declare policy holdpoint.policies;
begin
  insert into holdpoint.policies (org_id, version, revision) values (org, 0, 0) on conflict do nothing;
  select * into policy from holdpoint.policies p where p.org_id = org for update;
  return policy;
end $$;
revoke all on function holdpoint.lock_policy_v1(text) from public;
grant execute on function holdpoint.lock_policy_v1(text) to hp_app;
