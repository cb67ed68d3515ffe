-- A place elsewhere has taken checkpoints up to this position. Never goes back.
create or replace function holdpoint.audit_taken_v1(destination text, up_to bigint) returns void
language sql volatile security definer set search_path = '' as $$
  insert into holdpoint.audit_destinations as d (name, position) values (destination, up_to)
    on conflict (name) do update set position = excluded.position where d.position < excluded.position
$$;
alter function holdpoint.audit_taken_v1(text, bigint) owner to hp_definer;
revoke all on function holdpoint.audit_taken_v1(text, bigint) from public;
grant execute on function holdpoint.audit_taken_v1(text, bigint) to hp_app;
