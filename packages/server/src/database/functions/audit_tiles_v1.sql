-- The hashes of tiles, in hexadecimal. tiles: [{level, index, width}]. Full ones as they were written; others from what
-- they are made of. A tile that has fewer hashes comes with those that there are.
create or replace function holdpoint.audit_tiles_v1(org text, tiles json) returns json
language plpgsql volatile set search_path = '' as $$
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  return (select coalesce(json_agg(json_build_object('level', t.level, 'index', t.index, 'hashes', case
    when t.width = 256 then (select encode(f.hashes, 'hex') from holdpoint.audit_tiles f
      where f.org_id = org and f.level = t.level and f.index = t.index)
    when t.level = 0 then (select string_agg(encode(l.hash, 'hex'), '' order by l.index) from holdpoint.audit_leaves l
      where l.org_id = org and l.index >= t.index * 256 and l.index < t.index * 256 + t.width)
    else (select string_agg(encode(f.root, 'hex'), '' order by f.index) from holdpoint.audit_tiles f
      where f.org_id = org and f.level = t.level - 1 and f.index >= t.index * 256 and f.index < t.index * 256 + t.width) end)), '[]'::json)
  from json_to_recordset(tiles) as t(level integer, index bigint, width integer));
end $$;
revoke all on function holdpoint.audit_tiles_v1(text, json) from public;
grant execute on function holdpoint.audit_tiles_v1(text, json) to hp_app;
