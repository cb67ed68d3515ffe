-- Spends a ticket: from here on its state leads back, once, into the same browser. What an active connection already has is
-- asked for as well, so that wider scopes extend it.
-- command: {ticketHash, stateHash, browserHash, deviceHash, lifetimeSeconds}
-- Answers {code: "ok", flow}, or {code: "not_found" | "used" | "expired" | "other_device" | "closed"}.
create or replace function holdpoint.begin_oauth_flow_v1(command json) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare
  at timestamptz;
  flow holdpoint.oauth_flows;
begin
  select * into flow from holdpoint.oauth_flows f where f.ticket_hash = command ->> 'ticketHash' for update;
  if flow.ticket_hash is null then return json_build_object('code', 'not_found'); end if;
  at := holdpoint.hp_now();
  if flow.device_hash is not null and flow.device_hash is distinct from command ->> 'deviceHash' then
    return json_build_object('code', 'other_device');
  end if;
  if flow.status <> 'offered' then return json_build_object('code', 'used'); end if;
  if flow.expires_at <= at or not holdpoint.flow_counts_v1(flow) then return json_build_object('code', 'expired'); end if;
  if flow.hold_id is not null and not exists (select from holdpoint.holds h where h.org_id = flow.org_id and h.id = flow.hold_id
      and h.status = 'pending' and (h.expires_at is null or h.expires_at > at)) then
    return json_build_object('code', 'closed');
  end if;
  update holdpoint.oauth_flows f set status = 'begun', state_hash = command ->> 'stateHash', browser_hash = command ->> 'browserHash',
      expires_at = at + make_interval(secs => (command ->> 'lifetimeSeconds')::double precision),
      scopes = f.scopes || coalesce((select array_agg(s order by s) from holdpoint.connections c, unnest(c.scopes) s
        where c.org_id = f.org_id and c.end_user_id = f.end_user_id and c.provider = f.provider and c.status = 'active'
          and not (s = any (f.scopes))), '{}')
    where f.ticket_hash = flow.ticket_hash returning f.* into flow;
  -- Yesterday's say nothing any more.
  delete from holdpoint.oauth_flows f where f.ticket_hash in
    (select o.ticket_hash from holdpoint.oauth_flows o where o.expires_at < at - interval '1 day' limit 100 for update skip locked);
  return json_build_object('code', 'ok', 'now', at, 'flow', row_to_json(flow));
end $$;
alter function holdpoint.begin_oauth_flow_v1(json) owner to hp_definer;
revoke all on function holdpoint.begin_oauth_flow_v1(json) from public;
grant execute on function holdpoint.begin_oauth_flow_v1(json) to hp_app;
