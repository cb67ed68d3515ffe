-- A page of people by id. command: {credentialHash, q, open, afterId, limit}. One more than the limit says that there is a next page.
create or replace function holdpoint.list_end_users_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  may constant record := holdpoint.end_users_right_v1(command ->> 'credentialHash', 'end_users:read');
  at constant timestamptz := holdpoint.hp_now();
  is_open constant boolean := (command ->> 'open')::boolean;
begin
  if may.code <> 'ok' then return json_build_object('code', may.code, 'needs', may.needs); end if;
  return json_build_object('code', 'ok', 'page', (select coalesce(json_agg(json_build_object('endUser', row_to_json(p),
      'openQuestions', holdpoint.open_questions_v1(may.org_id, p.id, at)) order by p.id), '[]'::json) from (
    select * from holdpoint.end_users u where u.org_id = may.org_id
      and (command ->> 'afterId' is null or u.id > command ->> 'afterId')
      and (command ->> 'q' is null
        or strpos(lower(concat_ws(' ', u.id, u.name, u.email, u.phone)), lower(command ->> 'q')) > 0)
      and (is_open is null or is_open = exists (select from holdpoint.holds h
        where h.end_user_id = u.id and h.org_id = u.org_id and h.status = 'pending'
          and h.kind in ('clarification', 'authorization') and (h.expires_at is null or h.expires_at > at)))
    order by u.id limit (command ->> 'limit')::integer + 1) p));
end $$;
revoke all on function holdpoint.list_end_users_v1(json) from public;
grant execute on function holdpoint.list_end_users_v1(json) to hp_app;
