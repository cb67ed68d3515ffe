-- The right to be the one flight that renews or revokes a connection: for as long as a request to a provider may take. With
-- `seconds` 0 it is given back. command: {orgId, id, owner, seconds}
-- Answers {code: "ok" | "taken" | "not_found", connection}.
create or replace function holdpoint.lease_connection_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  at timestamptz;
  connection holdpoint.connections;
begin
  perform pg_catalog.set_config('hp.org_id', command ->> 'orgId', true);
  select * into connection from holdpoint.connections c
    where c.org_id = command ->> 'orgId' and c.id = command ->> 'id' for update;
  if connection.id is null then return json_build_object('code', 'not_found'); end if;
  at := holdpoint.hp_now();
  if connection.lease_until > at and connection.lease_owner <> command ->> 'owner' then
    return json_build_object('code', 'taken', 'now', at, 'connection', row_to_json(connection));
  end if;
  if (command ->> 'seconds')::integer = 0 and connection.lease_owner is distinct from command ->> 'owner' then
    return json_build_object('code', 'ok', 'now', at, 'connection', row_to_json(connection));
  end if;
  update holdpoint.connections c set
      lease_owner = case when (command ->> 'seconds')::integer > 0 then command ->> 'owner' end,
      lease_until = case when (command ->> 'seconds')::integer > 0
        then at + make_interval(secs => (command ->> 'seconds')::double precision) end
    where c.org_id = connection.org_id and c.id = connection.id returning c.* into connection;
  return json_build_object('code', 'ok', 'now', at, 'connection', row_to_json(connection));
end $$;
revoke all on function holdpoint.lease_connection_v1(json) from public;
grant execute on function holdpoint.lease_connection_v1(json) to hp_app;
