-- Where an event stands in its organisation's log: {index, hash}, both null while it has no place. Null for an event that
-- there is none of.
create or replace function holdpoint.audit_place_v1(org text, event text) returns json
language plpgsql volatile set search_path = '' as $$
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  return (select json_build_object('index', l.index, 'hash', encode(l.hash, 'hex')) from holdpoint.events e
    left join holdpoint.audit_leaves l on l.org_id = org and l.event_id = e.id where e.org_id = org and e.id = event);
end $$;
revoke all on function holdpoint.audit_place_v1(text, text) from public;
grant execute on function holdpoint.audit_place_v1(text, text) to hp_app;
