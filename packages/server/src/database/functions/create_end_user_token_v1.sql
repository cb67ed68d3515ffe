-- Makes a token for the app's own page, and the person on first use. Not in the log: a busy page asks for one a quarter of an
-- hour; what is decided by one names who vouched for it.
-- command: {credentialHash, endUserId, hash, expiresInSeconds, idempotencyKey, bodyHash}
create or replace function holdpoint.create_end_user_token_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  may constant record := holdpoint.end_users_right_v1(command ->> 'credentialHash', 'end_users:tokens');
  at constant timestamptz := holdpoint.hp_now();
  token holdpoint.end_user_tokens;
begin
  if may.code <> 'ok' then return json_build_object('code', may.code, 'needs', may.needs); end if;
  perform holdpoint.touch_session_v1(may.org_id, null, command ->> 'endUserId', at);
  insert into holdpoint.end_user_tokens (org_id, hash, end_user_id, created_at, created_by, expires_at, idempotency_key, body_hash)
    values (may.org_id, command ->> 'hash', command ->> 'endUserId', at, may.principal_id,
      at + make_interval(secs => (command ->> 'expiresInSeconds')::double precision),
      command ->> 'idempotencyKey', command ->> 'bodyHash')
    on conflict do nothing returning * into token;
  if token.hash is null then
    select * into token from holdpoint.end_user_tokens t where t.org_id = may.org_id
      and (t.hash = command ->> 'hash' or t.idempotency_key = command ->> 'idempotencyKey');
    return json_build_object('token', row_to_json(token), 'code',
      case when token.body_hash is not distinct from command ->> 'bodyHash' then 'repeated' else 'idempotency_mismatch' end);
  end if;
  delete from holdpoint.end_user_tokens t where t.end_user_id = token.end_user_id and t.org_id = may.org_id
    and t.expires_at < at - interval '1 day';
  return json_build_object('code', 'ok', 'token', row_to_json(token));
end $$;
revoke all on function holdpoint.create_end_user_token_v1(json) from public;
grant execute on function holdpoint.create_end_user_token_v1(json) to hp_app;
