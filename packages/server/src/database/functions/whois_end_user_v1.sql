-- Who an end user's credential is, as JSON; null for nobody.
create or replace function holdpoint.whois_end_user_v1(credential_hash text) returns json
language plpgsql stable set search_path = '' as $$
declare who constant holdpoint.end_user_principal := holdpoint.identify_end_user_v1(credential_hash);
begin
  return case when who.org_id is null then null
    else json_build_object('orgId', who.org_id, 'endUserId', who.end_user_id, 'name', who.name, 'via', who.via) end;
end $$;
revoke all on function holdpoint.whois_end_user_v1(text) from public;
grant execute on function holdpoint.whois_end_user_v1(text) to hp_app;
