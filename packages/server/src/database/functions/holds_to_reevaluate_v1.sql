-- Pending actions that were evaluated under an earlier version of the policy than the one in force, over all
-- organisations, a bounded number at a time. Locks nothing: reevaluate_hold_v1 looks again under the lock.
create or replace function holdpoint.holds_to_reevaluate_v1(after_org text, after_id text, count_limit integer) returns json
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select coalesce(json_agg(row_to_json(h) order by h.org_id, h.id), '[]'::json) from (
    select h.* from holdpoint.policies p
      join holdpoint.holds h on h.org_id = p.org_id and h.policy_version < p.version
      where h.status = 'pending' and h.kind = 'approval' and (h.org_id, h.id) > (after_org, after_id)
      order by h.org_id, h.id limit count_limit) h);
end $$;
alter function holdpoint.holds_to_reevaluate_v1(text, text, integer) owner to hp_definer;
revoke all on function holdpoint.holds_to_reevaluate_v1(text, text, integer) from public;
grant execute on function holdpoint.holds_to_reevaluate_v1(text, text, integer) to hp_app;
