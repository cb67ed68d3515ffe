-- commit_run_v1, and load_run_v1 of what it made: what a worker needs for its next move, in the same round trip.
-- Answers {code: "ok", committed, loaded} or a refusal of commit_run_v1.
create or replace function holdpoint.commit_and_load_run_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  committed constant json := holdpoint.commit_run_v1(command);
begin
  if committed ->> 'code' not in ('ok', 'repeated') then return committed; end if;
  return json_build_object('code', 'ok', 'committed', committed, 'loaded', holdpoint.load_run_v1(command));
end $$;
revoke all on function holdpoint.commit_and_load_run_v1(json) from public;
grant execute on function holdpoint.commit_and_load_run_v1(json) to hp_app;
