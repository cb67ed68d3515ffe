-- whoami_v1 of many credentials in one round trip; those that do not count are not in the answer.
create or replace function holdpoint.whoare_v1(credential_hashes text[]) returns json
language sql stable set search_path = '' as $$
  select coalesce(json_object_agg(hash, row_to_json(who)), '{}'::json)
    from unnest(credential_hashes) hash cross join lateral holdpoint.identify_v1(hash) who where who.org_id is not null
$$;
revoke all on function holdpoint.whoare_v1(text[]) from public;
grant execute on function holdpoint.whoare_v1(text[]) to hp_app;
