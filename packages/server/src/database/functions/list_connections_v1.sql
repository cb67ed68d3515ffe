-- A page of connections, newest first, one more than asked for; or one by its id.
-- command: {orgId, id, endUserId, provider, afterId, limit}
create or replace function holdpoint.list_connections_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
begin
  perform pg_catalog.set_config('hp.org_id', command ->> 'orgId', true);
  return json_build_object('code', 'ok', 'page', (select coalesce(json_agg(row_to_json(c) order by c.id desc), '[]'::json)
    from (select * from holdpoint.connections c where c.org_id = command ->> 'orgId' and c.version > 0
        and (command ->> 'id' is null or c.id = command ->> 'id')
        and (command ->> 'endUserId' is null or c.end_user_id = command ->> 'endUserId')
        and (command ->> 'provider' is null or c.provider = command ->> 'provider')
        and (command ->> 'afterId' is null or c.id < command ->> 'afterId')
      order by c.id desc limit coalesce((command ->> 'limit')::integer, 1) + 1) c));
end $$;
revoke all on function holdpoint.list_connections_v1(json) from public;
grant execute on function holdpoint.list_connections_v1(json) to hp_app;
