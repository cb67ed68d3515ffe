-- Checkpoints of an organisation below a size, at most so many, spread evenly over all there are.
create or replace function holdpoint.audit_checkpoints_v1(org text, below bigint, count_limit integer) returns json
language plpgsql volatile set search_path = '' as $$
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  return (select coalesce(json_agg(json_build_object('size', p.size, 'note', p.note) order by p.size), '[]'::json) from (
    select distinct on (n.part) n.size, n.note from (
      select c.size, c.note, ntile(count_limit) over (order by c.size) as part from holdpoint.audit_checkpoints c
      where c.org_id = org and c.size < below) n
    order by n.part, n.size desc) p);
end $$;
revoke all on function holdpoint.audit_checkpoints_v1(text, bigint, integer) from public;
grant execute on function holdpoint.audit_checkpoints_v1(text, bigint, integer) to hp_app;
