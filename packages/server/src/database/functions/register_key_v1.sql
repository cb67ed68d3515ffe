-- Makes a key that the service itself was given or derives valid, and the earlier one of that source invalid: the
-- environment's, local.json's, the example's. Repeating it changes nothing. A key that a person revoked stays revoked.
-- command: {orgId, source, id, hash, kind, name, memberId, agentId, scopes}
-- Answers {code: "ok" | "revoked" | "in_use", key}; in_use = this very key was made in another way.
create or replace function holdpoint.register_key_v1(command json) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare
  at timestamptz;
  key holdpoint.api_keys;
begin
  perform pg_advisory_xact_lock(hashtext('holdpoint.register_key'));
  at := holdpoint.hp_now();
  select * into key from holdpoint.api_keys k where k.hash = command ->> 'hash' for update;
  if key.id is not null and (key.source is distinct from command ->> 'source' or key.org_id <> command ->> 'orgId') then
    return json_build_object('code', 'in_use', 'key', row_to_json(key));
  end if;
  if key.revoked_by is not null then return json_build_object('code', 'revoked', 'key', row_to_json(key)); end if;
  update holdpoint.api_keys k set revoked_at = at
    where k.org_id = command ->> 'orgId' and k.source = command ->> 'source' and k.revoked_at is null and k.hash <> command ->> 'hash';
  if key.id is null then
    insert into holdpoint.api_keys (org_id, id, hash, name, kind, agent_id, member_id, scopes, created_at, source)
    values (command ->> 'orgId', command ->> 'id', command ->> 'hash', command ->> 'name', command ->> 'kind',
      command ->> 'agentId', command ->> 'memberId', array(select json_array_elements_text(command -> 'scopes')), at,
      command ->> 'source') returning * into key;
  else
    update holdpoint.api_keys k set revoked_at = null, member_id = command ->> 'memberId'
      where k.hash = command ->> 'hash' returning * into key;
  end if;
  return json_build_object('code', 'ok', 'key', row_to_json(key));
end $$;
alter function holdpoint.register_key_v1(json) owner to hp_definer;
revoke all on function holdpoint.register_key_v1(json) from public;
grant execute on function holdpoint.register_key_v1(json) to hp_app;
