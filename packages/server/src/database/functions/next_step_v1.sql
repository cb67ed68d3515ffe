-- When something is due next while nobody decides: the first step after `after`, or the first reminder after `at` (missed
-- reminders are not made up for). Null when the deadline comes first. core's nextStepOf says the same; a test compares.
create or replace function holdpoint.next_step_v1(hold holdpoint.holds, after timestamptz, at timestamptz) returns timestamptz
language plpgsql stable set search_path = '' as $$
declare
  step timestamptz;
  reminder timestamptz;
begin
  select min(hold.created_at + make_interval(secs => s)) into step from unnest(hold.step_seconds) s
    where hold.created_at + make_interval(secs => s) > after;
  if hold.remind_every_seconds is not null then
    reminder := hold.created_at + make_interval(secs => hold.remind_every_seconds
      * (1 + floor(extract(epoch from greatest(at, hold.created_at) - hold.created_at) / hold.remind_every_seconds)::double precision));
  end if;
  step := least(step, reminder);
  return case when hold.expires_at <= step then null else step end;
end $$;
revoke all on function holdpoint.next_step_v1(holdpoint.holds, timestamptz, timestamptz) from public;
grant execute on function holdpoint.next_step_v1(holdpoint.holds, timestamptz, timestamptz) to hp_app, hp_definer;
