-- How far a place elsewhere has taken checkpoints; null when it has none yet.
create or replace function holdpoint.audit_destination_v1(destination text) returns bigint
language sql stable security definer set search_path = '' as $$
  select d.position from holdpoint.audit_destinations d where d.name = destination
$$;
alter function holdpoint.audit_destination_v1(text) owner to hp_definer;
revoke all on function holdpoint.audit_destination_v1(text) from public;
grant execute on function holdpoint.audit_destination_v1(text) to hp_app;
