-- One person, with how many questions wait for them.
create or replace function holdpoint.get_end_user_v1(credential_hash text, end_user text) returns json
language plpgsql volatile set search_path = '' as $$
declare
  may constant record := holdpoint.end_users_right_v1(credential_hash, 'end_users:read');
  person holdpoint.end_users;
begin
  if may.code <> 'ok' then return json_build_object('code', may.code, 'needs', may.needs); end if;
  select * into person from holdpoint.end_users u where u.org_id = may.org_id and u.id = end_user;
  if person.id is null then return json_build_object('code', 'not_found'); end if;
  return json_build_object('code', 'ok', 'endUser', row_to_json(person),
    'openQuestions', holdpoint.open_questions_v1(may.org_id, person.id, holdpoint.hp_now()));
end $$;
revoke all on function holdpoint.get_end_user_v1(text, text) from public;
grant execute on function holdpoint.get_end_user_v1(text, text) to hp_app;
