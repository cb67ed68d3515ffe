-- Full tiles as they are stored. tiles: [{level, index}]
create or replace function holdpoint.audit_full_tiles_v1(org text, tiles json) returns json
language plpgsql volatile set search_path = '' as $$
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  return (select coalesce(json_agg(json_build_object('level', f.level, 'index', f.index, 'hashes', encode(f.hashes, 'hex'),
    'root', encode(f.root, 'hex'))), '[]'::json)
  from json_to_recordset(tiles) as t(level integer, index bigint)
  join holdpoint.audit_tiles f on f.org_id = org and f.level = t.level and f.index = t.index);
end $$;
revoke all on function holdpoint.audit_full_tiles_v1(text, json) from public;
grant execute on function holdpoint.audit_full_tiles_v1(text, json) to hp_app;
