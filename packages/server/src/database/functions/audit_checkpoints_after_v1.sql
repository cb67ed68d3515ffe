-- Checkpoints of all organisations in the order in which they were signed, for those who keep them elsewhere. Without a
-- position: the newest only.
create or replace function holdpoint.audit_checkpoints_after_v1(after_position bigint, count_limit integer) returns json
language sql stable security definer set search_path = '' as $$
  select coalesce(json_agg(json_build_object('position', p.position, 'orgId', p.org_id, 'size', p.size, 'checkpoint', p.note)
    order by p.position), '[]'::json)
  from (select * from holdpoint.audit_checkpoints c
    where c.position > coalesce(after_position, (select max(position) - 1 from holdpoint.audit_checkpoints))
    order by c.position limit count_limit) p
$$;
alter function holdpoint.audit_checkpoints_after_v1(bigint, integer) owner to hp_definer;
revoke all on function holdpoint.audit_checkpoints_after_v1(bigint, integer) from public;
grant execute on function holdpoint.audit_checkpoints_after_v1(bigint, integer) to hp_app;
