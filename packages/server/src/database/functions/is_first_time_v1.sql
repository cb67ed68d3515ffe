-- Whether no action of this tool with that counterparty has succeeded before. One indexed read.
create or replace function holdpoint.is_first_time_v1(org text, tool text, counterparty text) returns json
language plpgsql volatile set search_path = '' as $$
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  return to_json(not exists (select from holdpoint.known_counterparties k
    where k.org_id = org and k.tool = is_first_time_v1.tool and k.counterparty = is_first_time_v1.counterparty));
end $$;
revoke all on function holdpoint.is_first_time_v1(text, text, text) from public;
grant execute on function holdpoint.is_first_time_v1(text, text, text) to hp_app;
