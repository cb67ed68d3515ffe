-- Creates session and end user on first use. False when the session belongs to another end user, or is being deleted: told as
-- 404, so that ids of others cannot be probed. That it is used is noted to the minute.
create or replace function holdpoint.touch_session_v1(org text, session text, end_user text, at timestamptz) returns boolean
language plpgsql volatile as $$
declare known holdpoint.sessions;
begin
  if end_user is not null then
    insert into holdpoint.end_users (org_id, id, created_at) values (org, end_user, at) on conflict do nothing;
  end if;
  if session is null then return true; end if;
  insert into holdpoint.sessions (org_id, id, end_user_id, created_at, last_used_at) values (org, session, end_user, at, at) on conflict do nothing;
  if found then return true; end if;
  -- What is made in it now is seen by whoever deletes it, or finds it in deletion (begin_session_deletion_v1); it keeps nobody else.
  select * into known from holdpoint.sessions s where s.org_id = org and s.id = session for key share;
  -- Gone between the two statements.
  if known.id is null or known.deleting_at is not null or known.end_user_id is distinct from end_user then return false; end if;
  if known.last_used_at < at - interval '1 minute' then
    update holdpoint.sessions s set last_used_at = at where s.org_id = org and s.id = session and s.last_used_at < at;
  end if;
  return true;
end $$;
revoke all on function holdpoint.touch_session_v1(text, text, text, timestamptz) from public;
grant execute on function holdpoint.touch_session_v1(text, text, text, timestamptz) to hp_app;
