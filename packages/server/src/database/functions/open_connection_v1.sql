-- The one connection of an end user at a provider, locked; made, without tokens, where there was none. Within the transaction
-- that writes its tokens: they are sealed with its id and version. command: {orgId, endUserId, provider, id}
create or replace function holdpoint.open_connection_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  org constant text := command ->> 'orgId';
  at timestamptz;
  connection holdpoint.connections;
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  at := holdpoint.hp_now();
  insert into holdpoint.connections (org_id, id, end_user_id, provider, status, version, scopes, created_at, updated_at)
    values (org, command ->> 'id', command ->> 'endUserId', command ->> 'provider', 'revoked', 0, '{}', at, at)
    on conflict do nothing;
  select * into connection from holdpoint.connections c
    where c.org_id = org and c.end_user_id = command ->> 'endUserId' and c.provider = command ->> 'provider' for update;
  return json_build_object('code', 'ok', 'now', at, 'connection', row_to_json(connection));
end $$;
revoke all on function holdpoint.open_connection_v1(json) from public;
grant execute on function holdpoint.open_connection_v1(json) to hp_app;
