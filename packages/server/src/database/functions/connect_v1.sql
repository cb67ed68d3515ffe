-- Stores what an end user has consented to, under the lock of open_connection_v1, and ends the flow that led there. Tokens
-- come sealed for exactly this version.
-- command: {orgId, id, version, sealed, scopes, account, accessExpiresInSeconds, ticketHash, holdId, eventId}
create or replace function holdpoint.connect_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  at timestamptz := holdpoint.hp_now();
  connection holdpoint.connections;
  was_active boolean;
begin
  select * into connection from holdpoint.connections c
    where c.org_id = command ->> 'orgId' and c.id = command ->> 'id' for update;
  if connection.id is null or connection.version <> (command ->> 'version')::integer - 1 then
    raise exception 'connection % is not as it was locked', command ->> 'id' using errcode = 'serialization_failure';
  end if;
  update holdpoint.oauth_flows f set status = 'ended', ended_at = at, ended_as = 'connected'
    where f.org_id = connection.org_id and f.ticket_hash = command ->> 'ticketHash' and f.status = 'exchanging';
  if not found then
    raise exception 'the sign-in was ended meanwhile' using errcode = 'serialization_failure';
  end if;
  was_active := connection.status = 'active';
  update holdpoint.connections c set status = 'active', version = (command ->> 'version')::integer, sealed = command ->> 'sealed',
      scopes = array(select json_array_elements_text(command -> 'scopes')), account = command ->> 'account',
      access_expires_at = at + make_interval(secs => (command ->> 'accessExpiresInSeconds')::double precision),
      created_at = case when was_active then c.created_at else at end, updated_at = at, lease_owner = null, lease_until = null
    where c.org_id = connection.org_id and c.id = connection.id returning c.* into connection;
  perform holdpoint.append_connection_event_v1(connection, command ->> 'eventId',
    case when was_active then 'connection.extended' else 'connection.created' end, at, 'end_user', connection.end_user_id,
    connection.end_user_id, command ->> 'holdId', null);
  return json_build_object('code', 'ok', 'now', at, 'connection', row_to_json(connection));
end $$;
revoke all on function holdpoint.connect_v1(json) from public;
grant execute on function holdpoint.connect_v1(json) to hp_app;
