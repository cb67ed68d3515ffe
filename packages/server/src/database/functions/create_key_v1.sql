-- Makes an API key. An operator key is always its maker's own: nobody gets a key that acts as somebody else (I9).
-- Repeating the same command makes nothing twice. command: {credentialHash, id, hash, kind, name, agentId, scopes, expiresInSeconds, idempotencyKey, bodyHash}
create or replace function holdpoint.create_key_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  admin record;
  at timestamptz := holdpoint.hp_now();
  key holdpoint.api_keys;
begin
  select * into admin from holdpoint.admin_v1(command ->> 'credentialHash');
  if admin.code <> 'ok' then return json_build_object('code', admin.code); end if;
  insert into holdpoint.api_keys (org_id, id, hash, name, kind, agent_id, member_id, scopes, created_at, created_by, expires_at,
    idempotency_key, body_hash)
  values (admin.org_id, command ->> 'id', command ->> 'hash', command ->> 'name', command ->> 'kind', command ->> 'agentId',
    case command ->> 'kind' when 'operator' then admin.member_id end,
    array(select json_array_elements_text(command -> 'scopes')), at, admin.member_id,
    at + make_interval(secs => (command ->> 'expiresInSeconds')::double precision),
    command ->> 'idempotencyKey', command ->> 'bodyHash')
  on conflict do nothing returning * into key;
  if key.id is not null then return json_build_object('code', 'ok', 'key', row_to_json(key)); end if;
  select * into key from holdpoint.api_keys k
    where k.org_id = admin.org_id and (k.id = command ->> 'id' or k.idempotency_key = command ->> 'idempotencyKey');
  return json_build_object('key', row_to_json(key), 'code',
    case when key.body_hash is not distinct from command ->> 'bodyHash' then 'repeated' else 'idempotency_mismatch' end);
end $$;
revoke all on function holdpoint.create_key_v1(json) from public;
grant execute on function holdpoint.create_key_v1(json) to hp_app;
