-- A page of an organisation's checkpoints as they are stored, smallest first.
create or replace function holdpoint.audit_roots_v1(org text, above bigint, count_limit integer) returns json
language plpgsql volatile set search_path = '' as $$
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  return (select coalesce(json_agg(json_build_object('size', p.size, 'previous', p.previous, 'root', encode(p.root, 'hex'), 'note', p.note, 'key', p.key)
    order by p.size), '[]'::json)
  from (select * from holdpoint.audit_checkpoints c where c.org_id = org and c.size > above order by c.size limit count_limit) p);
end $$;
revoke all on function holdpoint.audit_roots_v1(text, bigint, integer) from public;
grant execute on function holdpoint.audit_roots_v1(text, bigint, integer) to hp_app;
