-- The decisions that may be votes of a hold which takes several people; null where there can be none, without a look.
create or replace function holdpoint.votes_of_hold_v1(hold holdpoint.holds) returns json
language plpgsql stable set search_path = '' as $$
begin
  -- Each vote moves the version; a route of one role and a quorum of one ends with the first decision.
  if hold.version = 1 or hold.quorum_required = 1 and hold.route_role is not null then return null; end if;
  return (select json_agg(row_to_json(d) order by d.id) from holdpoint.decisions d
    where d.org_id = hold.org_id and d.hold_id = hold.id);
end $$;
revoke all on function holdpoint.votes_of_hold_v1(holdpoint.holds) from public;
grant execute on function holdpoint.votes_of_hold_v1(holdpoint.holds) to hp_app;
