-- Who deletes a session or a run: an admin by a credential, or the service itself, when a session's time is over, by naming the
-- organisation. Then that is set for the rest of the transaction. code: ok | unauthorized | not_allowed.
create or replace function holdpoint.session_deleter_v1(command json, out code text, out org_id text, out kind text, out id text, out name text)
language plpgsql volatile set search_path = '' as $$
declare who holdpoint.principal;
begin
  if command ->> 'retentionOrgId' is not null then
    code := 'ok';
    org_id := command ->> 'retentionOrgId';
    kind := 'system';
    id := 'system';
    name := 'retention';
  else
    who := holdpoint.identify_v1(command ->> 'credentialHash');
    code := case when who.org_id is null then 'unauthorized'
      when who.kind not in ('session', 'operator') or who.role is distinct from 'admin' then 'not_allowed' else 'ok' end;
    org_id := who.org_id;
    kind := 'member';
    id := who.member_id;
    name := who.member_name;
  end if;
  if code = 'ok' then perform pg_catalog.set_config('hp.org_id', org_id, true); end if;
end $$;
revoke all on function holdpoint.session_deleter_v1(json) from public;
grant execute on function holdpoint.session_deleter_v1(json) to hp_app;
