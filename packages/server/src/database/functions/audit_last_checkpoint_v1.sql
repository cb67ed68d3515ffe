-- The newest checkpoint of an organisation, or the newest of at most that size.
create or replace function holdpoint.audit_last_checkpoint_v1(org text, at_most bigint) returns json
language plpgsql volatile set search_path = '' as $$
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  return (select json_build_object('size', c.size, 'root', encode(c.root, 'hex'), 'note', c.note, 'createdAt', c.created_at)
    from holdpoint.audit_checkpoints c where c.org_id = org and (at_most is null or c.size <= at_most) order by c.size desc limit 1);
end $$;
revoke all on function holdpoint.audit_last_checkpoint_v1(text, bigint) from public;
grant execute on function holdpoint.audit_last_checkpoint_v1(text, bigint) to hp_app;
