-- Whether somebody who was counted for this release may not decide it any more: removed, another role, out of the group, or
-- their delegation is over. Then it is not executed, and asked again. Who was on call then need not be now. What nobody
-- released is not released (I10); what the timeout released stays so.
create or replace function holdpoint.entitlement_lost_v1(hold holdpoint.holds, at timestamptz) returns boolean
language plpgsql stable set search_path = '' as $$
declare
  counted json;
  directory json;
begin
  if hold.outcome #>> '{by,via}' = 'timeout' then return false; end if;
  if hold.released_by is null then
    return not exists (select from holdpoint.members m
      where m.org_id = hold.org_id and m.id = hold.outcome #>> '{by,id}' and m.removed_at is null
        and holdpoint.may_decide_v1(m.role, coalesce(hold.route_role, 'admin')));
  end if;
  directory := holdpoint.directory_v1(hold.org_id);
  for counted in select * from json_array_elements(hold.released_by) loop
    if not exists (select from holdpoint.members m
        where m.org_id = hold.org_id and m.id = counted ->> 'by' and m.removed_at is null)
      or not exists (select from holdpoint.members m
        where m.org_id = hold.org_id and m.id = counted ->> 'memberId' and m.removed_at is null
          and (counted #>> '{leaf,role}' is null or holdpoint.may_decide_v1(m.role, counted #>> '{leaf,role}'))
          and (counted #>> '{leaf,group}' is null or exists (
            select from json_array_elements_text(directory #> array['groups', counted #>> '{leaf,group}']) named
            where named.value = m.id or lower(btrim(named.value)) = lower(m.email))))
      or counted ->> 'delegationId' is not null and not exists (select from holdpoint.delegations d
        where d.org_id = hold.org_id and d.id = counted ->> 'delegationId' and d.revoked_at is null and d.ends_at > at) then
      return true;
    end if;
  end loop;
  return json_array_length(hold.released_by) = 0;
end $$;
revoke all on function holdpoint.entitlement_lost_v1(holdpoint.holds, timestamptz) from public;
grant execute on function holdpoint.entitlement_lost_v1(holdpoint.holds, timestamptz) to hp_app;
