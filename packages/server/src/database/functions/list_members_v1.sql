-- A page of the members, oldest first, one more than asked for; removed ones are not among them.
-- command: {credentialHash, afterId, limit}
create or replace function holdpoint.list_members_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  admin record;
  page json;
begin
  select * into admin from holdpoint.admin_v1(command ->> 'credentialHash');
  if admin.code <> 'ok' then return json_build_object('code', admin.code); end if;
  select coalesce(json_agg(row_to_json(m) order by m.id), '[]'::json) into page from (
    select * from holdpoint.members m
    where m.org_id = admin.org_id and m.removed_at is null and (command ->> 'afterId' is null or m.id > command ->> 'afterId')
    order by m.id limit (command ->> 'limit')::integer + 1
  ) m;
  return json_build_object('code', 'ok', 'page', page);
end $$;
revoke all on function holdpoint.list_members_v1(json) from public;
grant execute on function holdpoint.list_members_v1(json) to hp_app;
