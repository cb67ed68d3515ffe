-- Takes what is known of a person besides the log: name and addresses, data, links, tokens and what the vault has of their
-- sign-ins, in one transaction with its event (I5); not of whom. Providers are told of nothing: whoever wants that revokes the
-- connections before. The id stays: runs and holds go on naming it. For an admin.
-- command: {credentialHash, endUserId, eventId}
create or replace function holdpoint.erase_end_user_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  may constant record := holdpoint.admin_v1(command ->> 'credentialHash');
  at constant timestamptz := holdpoint.hp_now();
  who holdpoint.principal;
  is_known boolean;
  gone integer;
  changed integer;
  forgotten integer;
begin
  if may.code <> 'ok' then return json_build_object('code', may.code, 'needs', 'role admin'); end if;
  update holdpoint.end_users u set name = null, email = null, phone = null, additional_data = '{}', preferences = '{}',
      updated_at = null
    where u.org_id = may.org_id and u.id = command ->> 'endUserId' and u.updated_at is not null;
  is_known := found;
  delete from holdpoint.end_user_links l where l.org_id = may.org_id and l.end_user_id = command ->> 'endUserId';
  get diagnostics gone = row_count;
  delete from holdpoint.end_user_tokens t where t.org_id = may.org_id and t.end_user_id = command ->> 'endUserId';
  get diagnostics changed = row_count;
  -- A sign-in that is under way would connect them again. In the order in which that locks: its connection first.
  perform from holdpoint.connections c where c.org_id = may.org_id and c.end_user_id = command ->> 'endUserId' for update;
  update holdpoint.oauth_flows f set status = 'ended', ended_at = at, ended_as = 'failed', exchange_until = null
    where f.org_id = may.org_id and f.end_user_id = command ->> 'endUserId' and f.status <> 'ended';
  update holdpoint.connections c set status = 'revoked', version = c.version + 1, sealed = null, account = null, scopes = '{}',
      access_expires_at = null, lease_owner = null, lease_until = null, updated_at = at
    where c.org_id = may.org_id and c.end_user_id = command ->> 'endUserId' and (c.sealed is not null or c.account is not null);
  get diagnostics forgotten = row_count;
  if is_known or gone + changed + forgotten > 0 then
    who := holdpoint.identify_v1(command ->> 'credentialHash');
    insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, data)
      values (may.org_id, command ->> 'eventId', 'audit.erased', at, 'member', who.member_id, who.member_name,
        json_build_object('subject', 'end_user', 'entries', 0, 'links', gone, 'tokens', changed, 'connections', forgotten));
  end if;
  return json_build_object('code', 'ok', 'isErased', is_known or gone + changed + forgotten > 0);
end $$;
revoke all on function holdpoint.erase_end_user_v1(json) from public;
grant execute on function holdpoint.erase_end_user_v1(json) to hp_app;
