-- A page of API keys, newest first, one more than asked for. command: {credentialHash, afterId, limit}
create or replace function holdpoint.list_keys_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  admin record;
  page json;
begin
  select * into admin from holdpoint.admin_v1(command ->> 'credentialHash');
  if admin.code <> 'ok' then return json_build_object('code', admin.code); end if;
  select coalesce(json_agg(row_to_json(k) order by k.id desc), '[]'::json) into page from (
    select * from holdpoint.api_keys k
    where k.org_id = admin.org_id and (command ->> 'afterId' is null or k.id < command ->> 'afterId')
    order by k.id desc limit (command ->> 'limit')::integer + 1
  ) k;
  return json_build_object('code', 'ok', 'page', page);
end $$;
revoke all on function holdpoint.list_keys_v1(json) from public;
grant execute on function holdpoint.list_keys_v1(json) to hp_app;
