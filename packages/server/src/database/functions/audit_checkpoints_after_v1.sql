-- Checkpoints of all organisations in the order in which they were signed, for those who keep them elsewhere. Without a
-- position: of each organisation the newest, and of more than count_limit organisations those that signed last.
create or replace function holdpoint.audit_checkpoints_after_v1(after_position bigint, count_limit integer) returns json
language plpgsql stable security definer set search_path = '' as $$
begin
  if after_position is null then
    return (select coalesce(json_agg(json_build_object('position', p.position, 'orgId', p.org_id, 'size', p.size, 'checkpoint', p.note)
      order by p.position), '[]'::json)
    from (select * from (select distinct on (c.org_id) * from holdpoint.audit_checkpoints c order by c.org_id, c.size desc) n
      order by n.position desc limit count_limit) p);
  end if;
  return (select coalesce(json_agg(json_build_object('position', p.position, 'orgId', p.org_id, 'size', p.size, 'checkpoint', p.note)
    order by p.position), '[]'::json)
  from (select * from holdpoint.audit_checkpoints c where c.position > after_position order by c.position limit count_limit) p);
end $$;
alter function holdpoint.audit_checkpoints_after_v1(bigint, integer) owner to hp_definer;
revoke all on function holdpoint.audit_checkpoints_after_v1(bigint, integer) from public;
grant execute on function holdpoint.audit_checkpoints_after_v1(bigint, integer) to hp_app;
