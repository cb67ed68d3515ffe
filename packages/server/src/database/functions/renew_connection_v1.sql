-- Stores what a refresh brought. Fenced by the version that the tokens were sealed for: when somebody has connected or revoked
-- meanwhile, they have won. Repeated after a lost connection it is the same.
-- command: {orgId, id, version, sealed, scopes, accessExpiresInSeconds, eventId}
-- Answers {code: "ok" | "superseded", connection}.
create or replace function holdpoint.renew_connection_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  at timestamptz;
  connection holdpoint.connections;
begin
  perform pg_catalog.set_config('hp.org_id', command ->> 'orgId', true);
  select * into connection from holdpoint.connections c
    where c.org_id = command ->> 'orgId' and c.id = command ->> 'id' for update;
  at := holdpoint.hp_now();
  if connection.sealed = command ->> 'sealed' then
    return json_build_object('code', 'ok', 'now', at, 'connection', row_to_json(connection));
  end if;
  if connection.id is null or connection.status <> 'active' or connection.version <> (command ->> 'version')::integer - 1 then
    return json_build_object('code', 'superseded', 'now', at, 'connection', row_to_json(connection));
  end if;
  update holdpoint.connections c set version = (command ->> 'version')::integer, sealed = command ->> 'sealed',
      scopes = array(select json_array_elements_text(command -> 'scopes')),
      access_expires_at = at + make_interval(secs => (command ->> 'accessExpiresInSeconds')::double precision),
      updated_at = at, lease_owner = null, lease_until = null
    where c.org_id = connection.org_id and c.id = connection.id returning c.* into connection;
  perform holdpoint.append_connection_event_v1(connection, command ->> 'eventId', 'connection.refreshed', at, 'system', 'system',
    'refresh', null, null);
  return json_build_object('code', 'ok', 'now', at, 'connection', row_to_json(connection));
end $$;
revoke all on function holdpoint.renew_connection_v1(json) from public;
grant execute on function holdpoint.renew_connection_v1(json) to hp_app;
