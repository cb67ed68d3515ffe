-- Revokes an API key for ever; repeating it changes nothing. command: {credentialHash, id}
create or replace function holdpoint.revoke_key_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  admin record;
  key holdpoint.api_keys;
begin
  select * into admin from holdpoint.admin_v1(command ->> 'credentialHash');
  if admin.code <> 'ok' then return json_build_object('code', admin.code); end if;
  update holdpoint.api_keys k set revoked_at = coalesce(k.revoked_at, holdpoint.hp_now()), revoked_by = coalesce(k.revoked_by, admin.member_id)
    where k.org_id = admin.org_id and k.id = command ->> 'id' returning * into key;
  if key.id is null then return json_build_object('code', 'not_found'); end if;
  return json_build_object('code', 'ok', 'key', row_to_json(key));
end $$;
revoke all on function holdpoint.revoke_key_v1(json) from public;
grant execute on function holdpoint.revoke_key_v1(json) to hp_app;
