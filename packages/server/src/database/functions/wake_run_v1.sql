-- A run is due, since one that it called has changed. See wake_parent_v1.
create or replace function holdpoint.wake_run_v1(org text, run text) returns void
language plpgsql volatile set search_path = '' as $$
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  update holdpoint.runs r set advance_at = least(r.advance_at, holdpoint.hp_now())
    where r.org_id = org and r.id = wake_run_v1.run and r.status in ('running', 'holding', 'paused');
end $$;
revoke all on function holdpoint.wake_run_v1(text, text) from public;
grant execute on function holdpoint.wake_run_v1(text, text) to hp_app;
