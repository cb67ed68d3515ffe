-- The links of a person, newest first, at most 200.
create or replace function holdpoint.list_end_user_links_v1(credential_hash text, end_user text) returns json
language plpgsql volatile set search_path = '' as $$
declare
  may constant record := holdpoint.end_users_right_v1(credential_hash, 'end_users:tokens');
begin
  if may.code <> 'ok' then return json_build_object('code', may.code, 'needs', may.needs); end if;
  if not exists (select from holdpoint.end_users u where u.org_id = may.org_id and u.id = end_user) then
    return json_build_object('code', 'not_found');
  end if;
  return json_build_object('code', 'ok', 'now', holdpoint.hp_now(), 'links', (
    select coalesce(json_agg(row_to_json(p) order by p.id desc), '[]'::json) from (
      select * from holdpoint.end_user_links l where l.end_user_id = end_user and l.org_id = may.org_id
      order by l.id desc limit 200) p));
end $$;
revoke all on function holdpoint.list_end_user_links_v1(text, text) from public;
grant execute on function holdpoint.list_end_user_links_v1(text, text) to hp_app;
