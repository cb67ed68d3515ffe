-- An end user's connection at a provider, or null. command: {orgId, endUserId, provider, isUse}
create or replace function holdpoint.use_connection_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  at timestamptz;
  connection holdpoint.connections;
begin
  perform pg_catalog.set_config('hp.org_id', command ->> 'orgId', true);
  at := holdpoint.hp_now();
  select * into connection from holdpoint.connections c where c.org_id = command ->> 'orgId'
    and c.end_user_id = command ->> 'endUserId' and c.provider = command ->> 'provider';
  if connection.id is null then return json_build_object('code', 'ok', 'now', at, 'connection', null); end if;
  -- To the minute: a tool may ask a hundred times in a second.
  if (command ->> 'isUse')::boolean and connection.status = 'active'
    and coalesce(connection.last_used_at < at - interval '1 minute', true) then
    update holdpoint.connections c set last_used_at = at where c.org_id = connection.org_id and c.id = connection.id;
  end if;
  return json_build_object('code', 'ok', 'now', at, 'connection', row_to_json(connection));
end $$;
revoke all on function holdpoint.use_connection_v1(json) from public;
grant execute on function holdpoint.use_connection_v1(json) to hp_app;
