-- May this credential change the policy: a person's, with the role admin or operator? Then the organisation is set for the
-- rest of the transaction. code: ok | unauthorized | not_allowed.
create or replace function holdpoint.policy_editor_v1(
  credential_hash text, out code text, out org_id text, out member_id text, out member_name text
)
language plpgsql volatile set search_path = '' as $$
declare who holdpoint.principal;
begin
  who := holdpoint.identify_v1(credential_hash);
  if who.org_id is null then
    code := 'unauthorized';
  elsif who.kind not in ('session', 'operator') or coalesce(who.role, '') not in ('admin', 'operator') then
    code := 'not_allowed';
  else
    code := 'ok';
    org_id := who.org_id;
    member_id := who.member_id;
    member_name := who.member_name;
    perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  end if;
end $$;
revoke all on function holdpoint.policy_editor_v1(text) from public;
grant execute on function holdpoint.policy_editor_v1(text) to hp_app;
