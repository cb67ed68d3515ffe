-- The names by which routes may mean a person, their own and of those they stand in for, as in holds.askable. Somebody on
-- a rotation's list is meant by it here even when it is not their turn.
create or replace function holdpoint.askable_v1(who holdpoint.principal, at timestamptz) returns text[]
language plpgsql stable set search_path = '' as $$
declare
  directory constant json := holdpoint.directory_v1(who.org_id);
begin
  return (with mandates as (
      select m.id, lower(m.email) as email, m.role from holdpoint.members m
        where m.org_id = who.org_id and m.removed_at is null and (m.id = who.member_id or m.id in (
          select s.value ->> 'memberId' from json_array_elements(holdpoint.stands_in_for_v1(who.org_id, who.member_id, at)) s))),
    names as (
      select 'group:' || g.key as leaf, n.value as name
        from json_each(directory -> 'groups') g, json_array_elements_text(g.value) n
      union all select 'rotation:' || r.key, n.value
        from json_each(directory -> 'rotations') r, json_array_elements_text(r.value -> 'people') n
      union all select 'rotation:' || r.key, o.value ->> 'person'
        from json_each(directory -> 'rotations') r, json_array_elements(coalesce(r.value -> 'overrides', '[]'::json)) o)
    select array_agg(distinct leaf) from (
      select 'role:' || needed as leaf from mandates, unnest(array['reviewer', 'manager', 'operator', 'admin']) needed
        where holdpoint.may_decide_v1(mandates.role, needed)
      union all select 'user:' || id from mandates
      union all select 'user:' || email from mandates
      union all select names.leaf from names, mandates
        where names.name = mandates.id or lower(btrim(names.name)) = mandates.email) leaves);
end $$;
revoke all on function holdpoint.askable_v1(holdpoint.principal, timestamptz) from public;
grant execute on function holdpoint.askable_v1(holdpoint.principal, timestamptz) to hp_app;
