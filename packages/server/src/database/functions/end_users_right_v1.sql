-- May this credential do that with end users? Members read; an operator's or admin's session or key does all; any other
-- machine needs the scope itself. Sets the organisation for the rest of the transaction. code: ok | unauthorized | not_allowed.
create or replace function holdpoint.end_users_right_v1(
  credential_hash text, scope text, out code text, out needs text, out org_id text, out principal_id text, out principal_name text,
  out actor_kind text) language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(credential_hash);
begin
  if who.org_id is null then
    code := 'unauthorized';
  elsif (case when who.role is null then scope = any (who.scopes)
      else scope = 'end_users:read' or who.role in ('operator', 'admin') end) then
    code := 'ok';
    org_id := who.org_id;
    principal_id := coalesce(who.member_id, who.agent_id, who.principal_id);
    principal_name := coalesce(who.member_name, who.agent_id, who.principal_id);
    actor_kind := case when who.member_id is null then 'agent' else 'member' end;
    perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  else
    code := 'not_allowed';
    needs := case when who.role is null then 'scope ' || scope else 'role operator or admin' end;
  end if;
end $$;
revoke all on function holdpoint.end_users_right_v1(text, text) from public;
grant execute on function holdpoint.end_users_right_v1(text, text) to hp_app;
