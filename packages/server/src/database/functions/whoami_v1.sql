-- identify_v1 as JSON, or null: for doors that ask before they act.
create or replace function holdpoint.whoami_v1(credential_hash text) returns json
language sql stable set search_path = '' as $$
  select row_to_json(who) from holdpoint.identify_v1(credential_hash) who where who.org_id is not null
$$;
revoke all on function holdpoint.whoami_v1(text) from public;
grant execute on function holdpoint.whoami_v1(text) to hp_app;
