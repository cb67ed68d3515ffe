-- Delegations of an organisation, newest first, at most 500: those that are not over, or all. For members only.
create or replace function holdpoint.list_delegations_v1(credential_hash text, with_ended boolean) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(credential_hash);
  at constant timestamptz := holdpoint.hp_now();
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  if who.member_id is null then return json_build_object('code', 'not_allowed', 'needs', 'person'); end if;
  return json_build_object('code', 'ok', 'now', at, 'delegations', (select coalesce(json_agg(holdpoint.delegation_v1(d)), '[]'::json)
    from (select * from holdpoint.delegations d where d.org_id = who.org_id
      and (with_ended or d.revoked_at is null and d.ends_at > at) order by d.id desc limit 500) d));
end $$;
revoke all on function holdpoint.list_delegations_v1(text, boolean) from public;
grant execute on function holdpoint.list_delegations_v1(text, boolean) to hp_app;
