-- Keeps a signed checkpoint. Refuses one that is not over exactly the leaves that are there, or not beyond the last.
create or replace function holdpoint.audit_checkpoint_v1(org text, tree_size bigint, root bytea, note text, key text, horizon text) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  if not exists (select from holdpoint.audit_leaves l where l.org_id = org and l.index = tree_size - 1)
    or exists (select from holdpoint.audit_checkpoints c where c.org_id = org and c.size >= tree_size) then
    raise exception 'audit_fork: % has no tree of % to sign', org, tree_size using errcode = 'HP001';
  end if;
  insert into holdpoint.audit_checkpoints (org_id, size, previous, root, note, key, horizon)
    values (org, tree_size, (select max(c.size) from holdpoint.audit_checkpoints c where c.org_id = org), root, note, key, horizon::xid8);
end $$;
alter function holdpoint.audit_checkpoint_v1(text, bigint, bytea, text, text, text) owner to hp_definer;
revoke all on function holdpoint.audit_checkpoint_v1(text, bigint, bytea, text, text, text) from public;
grant execute on function holdpoint.audit_checkpoint_v1(text, bigint, bytea, text, text, text) to hp_app;
