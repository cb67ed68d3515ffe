-- The text of a turn so far, while the model speaks. Fenced; false when the step is not this lease's any more.
create or replace function holdpoint.write_text_v1(org text, run text, epoch integer, step integer, words text) returns boolean
language plpgsql volatile set search_path = '' as $$
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  update holdpoint.steps s set text = words from holdpoint.runs r
    where r.org_id = org and r.id = run and r.lease_epoch = epoch and r.status = 'running'
      and s.org_id = org and s.run_id = run and s.position = write_text_v1.step and s.status = 'running';
  return found;
end $$;
revoke all on function holdpoint.write_text_v1(text, text, integer, integer, text) from public;
grant execute on function holdpoint.write_text_v1(text, text, integer, integer, text) to hp_app;
