-- How many questions wait for an end user. The organisation is set by the caller.
create or replace function holdpoint.open_questions_v1(org text, end_user text, at timestamptz) returns bigint
language sql stable set search_path = '' as $$
  select count(*) from holdpoint.holds h
    where h.end_user_id = end_user and h.org_id = org and h.status = 'pending'
      and h.kind in ('clarification', 'authorization') and (h.expires_at is null or h.expires_at > at)
$$;
revoke all on function holdpoint.open_questions_v1(text, text, timestamptz) from public;
grant execute on function holdpoint.open_questions_v1(text, text, timestamptz) to hp_app;
