-- From which transaction on the sequencer has to look for events without a leaf; 0 is from the beginning. A database
-- that was restored into another server has counted further than this one has: then nothing is known.
create or replace function holdpoint.audit_position_v1() returns json
language sql stable security definer set search_path = '' as $$
  select json_build_object('after', coalesce((select c.horizon from holdpoint.audit_checkpoints c
    where c.horizon <= pg_snapshot_xmax(pg_current_snapshot()) and c.position = (select max(position) from holdpoint.audit_checkpoints)),
    '0'::xid8)::text)
$$;
alter function holdpoint.audit_position_v1() owner to hp_definer;
revoke all on function holdpoint.audit_position_v1() from public;
grant execute on function holdpoint.audit_position_v1() to hp_app;
