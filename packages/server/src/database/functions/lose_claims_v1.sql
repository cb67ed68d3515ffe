-- Executions that an agent elsewhere claimed and never reported on, over all organisations: nobody knows whether they ran
-- (I2), so they read as unknown until the agent or a person says. Looks at claims that ended at or after `since` (null: all)
-- and at least grace_seconds ago. Any instance may run it, one at a time does. event_ids: one for each at most.
-- Answers {lost: [{orgId, holdId, name}], upTo}: where to look from next time.
create or replace function holdpoint.lose_claims_v1(since timestamptz, grace_seconds double precision, event_ids text[]) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare
  claim holdpoint.claims;
  hold holdpoint.holds;
  at constant timestamptz := holdpoint.hp_now();
  until constant timestamptz := at - make_interval(secs => grace_seconds);
  lost json[] := '{}';
begin
  if not pg_try_advisory_xact_lock(7238116254002) then
    return json_build_object('lost', '[]'::json, 'upTo', since);
  end if;
  for claim in
    select c.* from holdpoint.claims c join holdpoint.holds h on h.org_id = c.org_id and h.id = c.hold_id
    where c.hold_id is not null and c.expires_at <= until and (since is null or c.expires_at >= since)
      and h.fulfilment = 'executing' and h.tool_call_id is null
    order by c.expires_at limit coalesce(cardinality(event_ids), 0)
  loop
    select * into hold from holdpoint.holds h where h.org_id = claim.org_id and h.id = claim.hold_id for update;
    -- It may have been reported while this waited for the row.
    continue when hold.fulfilment <> 'executing';
    hold.fulfilment := 'unknown';
    hold.version := hold.version + 1;
    update holdpoint.holds h set fulfilment = hold.fulfilment, version = hold.version
      where h.org_id = hold.org_id and h.id = hold.id;
    lost := lost || json_build_object('orgId', hold.org_id, 'holdId', hold.id, 'name', hold.action ->> 'name');
    perform holdpoint.append_hold_event_v1(hold, event_ids[cardinality(lost)], 'action.unknown', at, 'system', null, null, null, null,
      json_build_object('holdId', hold.id, 'claimId', claim.id, 'claimedAt', claim.redeemed_at,
        'arguments', hold.outcome -> 'arguments', 'actionHash', claim.action_hash));
  end loop;
  return json_build_object('lost', array_to_json(lost),
    'upTo', case when cardinality(lost) < cardinality(event_ids) then until else claim.expires_at end);
end $$;
alter function holdpoint.lose_claims_v1(timestamptz, double precision, text[]) owner to hp_definer;
revoke all on function holdpoint.lose_claims_v1(timestamptz, double precision, text[]) from public;
grant execute on function holdpoint.lose_claims_v1(timestamptz, double precision, text[]) to hp_app;
