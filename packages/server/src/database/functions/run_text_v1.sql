-- The text of the turn that a run's model is speaking now.
create or replace function holdpoint.run_text_v1(org text, run text) returns json
language plpgsql volatile set search_path = '' as $$
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  return (select json_build_object('step', s.position, 'text', s.text) from holdpoint.steps s
    where s.org_id = org and s.run_id = run order by s.position desc limit 1);
end $$;
revoke all on function holdpoint.run_text_v1(text, text) from public;
grant execute on function holdpoint.run_text_v1(text, text) to hp_app;
