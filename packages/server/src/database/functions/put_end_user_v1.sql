-- What the app knows of a person; makes them on first use. What `set` leaves out stays, null takes it away.
-- command: {credentialHash, id, set: {name?, email?, phone?, additionalData?, preferences?}}
create or replace function holdpoint.put_end_user_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  may constant record := holdpoint.end_users_right_v1(command ->> 'credentialHash', 'end_users:write');
  said constant json := command -> 'set';
  names constant text[] := array(select json_object_keys(said));
  at constant timestamptz := holdpoint.hp_now();
  person holdpoint.end_users;
begin
  if may.code <> 'ok' then return json_build_object('code', may.code, 'needs', may.needs); end if;
  insert into holdpoint.end_users as u (org_id, id, created_at, updated_at, name, email, phone, additional_data, preferences)
    values (may.org_id, command ->> 'id', at, at, said ->> 'name', said ->> 'email', said ->> 'phone',
      coalesce(said -> 'additionalData', '{}'), coalesce(said -> 'preferences', '{}'))
    on conflict (org_id, id) do update set updated_at = at,
      name = case when 'name' = any (names) then excluded.name else u.name end,
      email = case when 'email' = any (names) then excluded.email else u.email end,
      phone = case when 'phone' = any (names) then excluded.phone else u.phone end,
      additional_data = case when 'additionalData' = any (names) then excluded.additional_data else u.additional_data end,
      preferences = case when 'preferences' = any (names) then excluded.preferences else u.preferences end
    returning * into person;
  return json_build_object('code', 'ok', 'endUser', row_to_json(person),
    'openQuestions', holdpoint.open_questions_v1(may.org_id, person.id, at));
end $$;
revoke all on function holdpoint.put_end_user_v1(json) from public;
grant execute on function holdpoint.put_end_user_v1(json) to hp_app;
