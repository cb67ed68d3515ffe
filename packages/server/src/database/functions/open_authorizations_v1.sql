-- The open authorization holds of an end user at a provider, with the connection as it is. command: {orgId, endUserId, provider}
create or replace function holdpoint.open_authorizations_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare at timestamptz;
begin
  perform pg_catalog.set_config('hp.org_id', command ->> 'orgId', true);
  at := holdpoint.hp_now();
  return json_build_object('code', 'ok', 'now', at,
    'connection', (select row_to_json(c) from holdpoint.connections c where c.org_id = command ->> 'orgId'
      and c.end_user_id = command ->> 'endUserId' and c.provider = command ->> 'provider'),
    'holds', (select coalesce(json_agg(json_build_object('id', h.id, 'scopes', h.question -> 'scopes') order by h.id), '[]'::json)
      from holdpoint.holds h where h.org_id = command ->> 'orgId' and h.status = 'pending' and h.kind = 'authorization'
        and h.end_user_id = command ->> 'endUserId' and h.question ->> 'provider' = command ->> 'provider'
        and (h.expires_at is null or h.expires_at > at)));
end $$;
revoke all on function holdpoint.open_authorizations_v1(json) from public;
grant execute on function holdpoint.open_authorizations_v1(json) to hp_app;
