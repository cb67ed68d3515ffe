-- Creates session and end user on first use. False when the session belongs to another end user: told as 404,
-- so that ids of others cannot be probed.
create or replace function holdpoint.touch_session_v1(org text, session text, end_user text, at timestamptz) returns boolean
language plpgsql volatile as $$
declare owner text;
begin
  if end_user is not null then
    insert into holdpoint.end_users (org_id, id, created_at) values (org, end_user, at) on conflict do nothing;
  end if;
  if session is null then return true; end if;
  insert into holdpoint.sessions (org_id, id, end_user_id, created_at) values (org, session, end_user, at) on conflict do nothing;
  if found then return true; end if;
  select s.end_user_id into owner from holdpoint.sessions s where s.org_id = org and s.id = session;
  return owner is not distinct from end_user;
end $$;
revoke all on function holdpoint.touch_session_v1(text, text, text, timestamptz) from public;
grant execute on function holdpoint.touch_session_v1(text, text, text, timestamptz) to hp_app;
