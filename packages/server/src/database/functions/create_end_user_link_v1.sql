-- Makes a link to a person's questions, and the person on first use.
-- command: {credentialHash, endUserId, id, linkHash, codeHash, expiresInSeconds, eventId, idempotencyKey, bodyHash}
create or replace function holdpoint.create_end_user_link_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  may constant record := holdpoint.end_users_right_v1(command ->> 'credentialHash', 'end_users:tokens');
  at constant timestamptz := holdpoint.hp_now();
  link holdpoint.end_user_links;
begin
  if may.code <> 'ok' then return json_build_object('code', may.code, 'needs', may.needs); end if;
  perform holdpoint.touch_session_v1(may.org_id, null, command ->> 'endUserId', at);
  insert into holdpoint.end_user_links (org_id, id, end_user_id, hash, code_hash, created_at, created_by, expires_at,
      idempotency_key, body_hash)
    values (may.org_id, command ->> 'id', command ->> 'endUserId', command ->> 'linkHash', command ->> 'codeHash', at,
      may.principal_id, at + make_interval(secs => (command ->> 'expiresInSeconds')::double precision),
      command ->> 'idempotencyKey', command ->> 'bodyHash')
    on conflict do nothing returning * into link;
  if link.id is null then
    select * into link from holdpoint.end_user_links l where l.org_id = may.org_id
      and (l.id = command ->> 'id' or l.idempotency_key = command ->> 'idempotencyKey');
    return json_build_object('link', row_to_json(link), 'code',
      case when link.body_hash is not distinct from command ->> 'bodyHash' then 'repeated' else 'idempotency_mismatch' end);
  end if;
  insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, end_user_id, data)
    values (may.org_id, command ->> 'eventId', 'end_user.linked', at, may.actor_kind, may.principal_id, may.principal_name,
      link.end_user_id, json_build_object('linkId', link.id, 'step', 'made', 'expiresAt', link.expires_at));
  -- What this person left behind goes here, so that nothing has to sweep.
  delete from holdpoint.end_user_links l where l.end_user_id = link.end_user_id and l.org_id = may.org_id
    and l.expires_at < at - interval '30 days';
  return json_build_object('code', 'ok', 'link', row_to_json(link));
end $$;
revoke all on function holdpoint.create_end_user_link_v1(json) from public;
grant execute on function holdpoint.create_end_user_link_v1(json) to hp_app;
