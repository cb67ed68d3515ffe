-- The right edge of organisations' trees: what the sequencer needs to go on with them, and their last checkpoints.
create or replace function holdpoint.audit_edges_v1(orgs text[]) returns json
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select coalesce(json_agg(json_build_object('orgId', o.org, 'size', s.size,
    'leaves', (select coalesce(json_agg(encode(l.hash, 'hex') order by l.index), '[]'::json) from holdpoint.audit_leaves l
      where l.org_id = o.org and l.index >= s.size / 256 * 256),
    'roots', (select coalesce(json_agg(json_build_object('level', t.level, 'root', encode(t.root, 'hex')) order by t.level, t.index), '[]'::json)
      from generate_series(0, 5) as g(level)
      cross join lateral (select * from holdpoint.audit_tiles t where t.org_id = o.org and t.level = g.level
        and t.index >= s.size / (256::numeric ^ (g.level + 2))::bigint * 256) t),
    'checkpoint', (select json_build_object('size', c.size, 'root', encode(c.root, 'hex')) from holdpoint.audit_checkpoints c
      where c.org_id = o.org order by c.size desc limit 1))), '[]'::json)
  from unnest(orgs) as o(org)
  cross join lateral (select coalesce((select l.index + 1 from holdpoint.audit_leaves l where l.org_id = o.org
    order by l.index desc limit 1), 0) as size) s);
end $$;
alter function holdpoint.audit_edges_v1(text[]) owner to hp_definer;
revoke all on function holdpoint.audit_edges_v1(text[]) from public;
grant execute on function holdpoint.audit_edges_v1(text[]) to hp_app;
