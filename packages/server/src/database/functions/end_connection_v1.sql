-- Ends a connection and forgets its tokens: `expired` when the provider takes them no more (only the version that it refused),
-- `revoked` when somebody wants it so. Repeating it changes nothing.
-- command: {orgId, id, version, endUserId, status, reason, actorKind, actorId, actorName, eventId}
-- Answers {code: "ok" | "repeated" | "superseded" | "not_found", connection}.
create or replace function holdpoint.end_connection_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  at timestamptz;
  connection holdpoint.connections;
begin
  perform pg_catalog.set_config('hp.org_id', command ->> 'orgId', true);
  select * into connection from holdpoint.connections c
    where c.org_id = command ->> 'orgId' and c.id = command ->> 'id' for update;
  if connection.id is null or connection.version = 0
    or (command ->> 'endUserId' is not null and connection.end_user_id <> command ->> 'endUserId') then
    return json_build_object('code', 'not_found');
  end if;
  at := holdpoint.hp_now();
  if connection.status = command ->> 'status' then
    return json_build_object('code', 'repeated', 'now', at, 'connection', row_to_json(connection));
  end if;
  if command ->> 'status' = 'expired'
    and (connection.status <> 'active' or connection.version <> (command ->> 'version')::integer) then
    return json_build_object('code', 'superseded', 'now', at, 'connection', row_to_json(connection));
  end if;
  update holdpoint.connections c set status = command ->> 'status', version = c.version + 1, sealed = null,
      access_expires_at = null, lease_owner = null, lease_until = null, updated_at = at
    where c.org_id = connection.org_id and c.id = connection.id returning c.* into connection;
  perform holdpoint.append_connection_event_v1(connection, command ->> 'eventId', case connection.status when 'expired' then 'connection.expired' else 'connection.revoked' end, at,
    command ->> 'actorKind', command ->> 'actorId', command ->> 'actorName', null, command ->> 'reason');
  return json_build_object('code', 'ok', 'now', at, 'connection', row_to_json(connection));
end $$;
revoke all on function holdpoint.end_connection_v1(json) from public;
grant execute on function holdpoint.end_connection_v1(json) to hp_app;
