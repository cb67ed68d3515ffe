-- Writes an event of a connection (I5): whose, where, which scopes; never a token.
create or replace function holdpoint.append_connection_event_v1(
  connection holdpoint.connections, event_id text, event_type text, at timestamptz, actor_kind text, actor_id text,
  actor_name text, hold text, reason text
) returns void
language plpgsql volatile as $$
begin
  insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, rationale, hold_id, end_user_id, data)
  values (connection.org_id, event_id, event_type, at, actor_kind, actor_id, actor_name, reason, hold, connection.end_user_id,
    json_build_object('connectionId', connection.id, 'endUserId', connection.end_user_id, 'provider', connection.provider,
      'status', connection.status, 'scopes', connection.scopes, 'account', connection.account, 'reason', reason));
end $$;
revoke all on function holdpoint.append_connection_event_v1(holdpoint.connections, text, text, timestamptz, text, text, text, text, text) from public;
grant execute on function holdpoint.append_connection_event_v1(holdpoint.connections, text, text, timestamptz, text, text, text, text, text) to hp_app;
