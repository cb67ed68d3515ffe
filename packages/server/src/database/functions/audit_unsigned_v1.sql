-- Organisations whose log is longer than its last checkpoint: what a sequencer that was killed has left behind.
create or replace function holdpoint.audit_unsigned_v1() returns json
language sql stable security definer set search_path = '' as $$
  select coalesce(json_agg(o.id), '[]'::json) from holdpoint.organisations o
  where (select l.index from holdpoint.audit_leaves l where l.org_id = o.id order by l.index desc limit 1)
    >= coalesce((select c.size from holdpoint.audit_checkpoints c where c.org_id = o.id order by c.size desc limit 1), 0)
$$;
alter function holdpoint.audit_unsigned_v1() owner to hp_definer;
revoke all on function holdpoint.audit_unsigned_v1() from public;
grant execute on function holdpoint.audit_unsigned_v1() to hp_app;
