-- Whose credential is this? Crosses organisations, so it belongs to hp_definer; null for an unknown, revoked or expired
-- credential. kind: agent | operator | relay | session. One row and not a set: assigned (who := identify_v1(..)) it needs
-- no executor.
create or replace function holdpoint.identify_v1(credential_hash text) returns holdpoint.principal
language plpgsql stable security definer set search_path = '' as $$
declare who holdpoint.principal;
begin
  select k.org_id::text, k.kind::text, k.id::text, k.agent_id::text, m.id::text, m.name, m.role::text, k.scopes, null::timestamptz into who
    from holdpoint.api_keys k
    left join holdpoint.members m on m.org_id = k.org_id and m.id = k.member_id and m.removed_at is null
    where k.hash = credential_hash
      and k.revoked_at is null
      and (k.expires_at is null or k.expires_at > holdpoint.hp_now())
      and (k.kind <> 'operator' or m.id is not null);
  if not found then
    select s.org_id::text, 'session', m.id::text, null, m.id::text, m.name, m.role::text, array[]::text[], s.signed_in_at into who
      from holdpoint.member_sessions s
      join holdpoint.members m on m.org_id = s.org_id and m.id = s.member_id and m.removed_at is null
      where s.hash = credential_hash and s.expires_at > holdpoint.hp_now();
  end if;
  return who;
end $$;
alter function holdpoint.identify_v1(text) owner to hp_definer;
revoke all on function holdpoint.identify_v1(text) from public;
grant execute on function holdpoint.identify_v1(text) to hp_app;
