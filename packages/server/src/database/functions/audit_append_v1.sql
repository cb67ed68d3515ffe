-- Gives events their places: all of them, or none. tiles: [{orgId, level, index, hashes, root}], hashes in hexadecimal.
-- Refuses indexes that do not follow on; the keys refuse those that are taken.
create or replace function holdpoint.audit_append_v1(
  orgs text[], indexes bigint[], event_ids text[], hashes bytea[], salts bytea[], tiles json
) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  gap record;
begin
  select g.org, g.first, g.following into gap from (
    select a.org, min(a.index) as first, max(a.index) - min(a.index) + 1 - count(*) as missing,
      coalesce((select l.index + 1 from holdpoint.audit_leaves l where l.org_id = a.org order by l.index desc limit 1), 0) as following
    from unnest(orgs, indexes) as a(org, index) group by a.org) g
    where g.missing <> 0 or g.first <> g.following limit 1;
  if found then
    raise exception 'audit_fork: % goes on with %, not with %', gap.org, gap.following, gap.first using errcode = 'HP001';
  end if;
  insert into holdpoint.audit_leaves (org_id, index, event_id, hash, salt)
    select * from unnest(orgs, indexes, event_ids, hashes, salts);
  if tiles is not null then
    insert into holdpoint.audit_tiles (org_id, level, index, hashes, root)
      select t ->> 'orgId', (t ->> 'level')::smallint, (t ->> 'index')::bigint, decode(t ->> 'hashes', 'hex'), decode(t ->> 'root', 'hex')
      from json_array_elements(tiles) t;
  end if;
end $$;
alter function holdpoint.audit_append_v1(text[], bigint[], text[], bytea[], bytea[], json) owner to hp_definer;
revoke all on function holdpoint.audit_append_v1(text[], bigint[], text[], bytea[], bytea[], json) from public;
grant execute on function holdpoint.audit_append_v1(text[], bigint[], text[], bytea[], bytea[], json) to hp_app;
