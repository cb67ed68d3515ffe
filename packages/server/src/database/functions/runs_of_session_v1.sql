-- The runs of a session, also those that were deleted before: the log still names them.
create or replace function holdpoint.runs_of_session_v1(org text, session text) returns text[]
language sql stable set search_path = '' as $$
  select coalesce(array_agg(s.id), '{}') from (
    select r.id::text from holdpoint.runs r where r.org_id = org and r.session_id = session and r.session_id is not null
    union all
    select d.id::text from holdpoint.deleted_runs d where d.org_id = org and d.session_id = session) s
$$;
revoke all on function holdpoint.runs_of_session_v1(text, text) from public;
grant execute on function holdpoint.runs_of_session_v1(text, text) to hp_app, hp_eraser;
