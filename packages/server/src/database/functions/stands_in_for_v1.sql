-- Those for whom a member stands in at that moment, with the rights they have themselves. Delegations do not chain.
create or replace function holdpoint.stands_in_for_v1(org text, member text, at timestamptz) returns json
language sql stable set search_path = '' as $$
  select coalesce(json_agg(json_build_object('memberId', m.id, 'email', m.email, 'role', m.role, 'delegationId', d.id)
      order by d.id), '[]'::json)
    from holdpoint.delegations d
    join holdpoint.members m on m.org_id = d.org_id and m.id = d.from_member and m.removed_at is null
    where d.to_member = member and d.org_id = org and d.revoked_at is null and d.starts_at <= at and d.ends_at > at
$$;
revoke all on function holdpoint.stands_in_for_v1(text, text, timestamptz) from public;
grant execute on function holdpoint.stands_in_for_v1(text, text, timestamptz) to hp_app;
