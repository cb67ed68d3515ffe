-- An action of this tool with that counterparty has succeeded: from now on none of them is the first. Longer names than
-- are kept stay new for ever.
create or replace function holdpoint.know_counterparty_v1(org text, tool text, counterparty text, at timestamptz) returns void
language sql volatile set search_path = '' as $$
  insert into holdpoint.known_counterparties (org_id, tool, counterparty, first_at)
    select org, know_counterparty_v1.tool, know_counterparty_v1.counterparty, at
    where length(know_counterparty_v1.counterparty) <= 500 on conflict do nothing
$$;
revoke all on function holdpoint.know_counterparty_v1(text, text, text, timestamptz) from public;
grant execute on function holdpoint.know_counterparty_v1(text, text, text, timestamptz) to hp_app;
