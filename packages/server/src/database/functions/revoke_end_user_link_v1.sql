-- Ends a link, and with it the device that it was bound to. Ending it again changes nothing.
-- command: {credentialHash, endUserId, id, eventId}
create or replace function holdpoint.revoke_end_user_link_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  may constant record := holdpoint.end_users_right_v1(command ->> 'credentialHash', 'end_users:tokens');
  at timestamptz;
  link holdpoint.end_user_links;
begin
  if may.code <> 'ok' then return json_build_object('code', may.code, 'needs', may.needs); end if;
  select * into link from holdpoint.end_user_links l
    where l.org_id = may.org_id and l.id = command ->> 'id' and l.end_user_id = command ->> 'endUserId' for update;
  if link.id is null then return json_build_object('code', 'not_found'); end if;
  at := holdpoint.hp_now();
  if link.revoked_at is not null then return json_build_object('code', 'repeated', 'now', at, 'link', row_to_json(link)); end if;
  update holdpoint.end_user_links l set revoked_at = at, revoked_by = may.principal_id
    where l.org_id = link.org_id and l.id = link.id returning * into link;
  insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, end_user_id, data)
    values (may.org_id, command ->> 'eventId', 'end_user.link_ended', at, may.actor_kind, may.principal_id, may.principal_name,
      link.end_user_id, json_build_object('linkId', link.id, 'reason', 'revoked'));
  return json_build_object('code', 'ok', 'now', at, 'link', row_to_json(link));
end $$;
revoke all on function holdpoint.revoke_end_user_link_v1(json) from public;
grant execute on function holdpoint.revoke_end_user_link_v1(json) to hp_app;
