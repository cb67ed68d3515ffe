-- A ticket to a provider, for the need of a hold that waits, or for one that the app names.
-- command: {orgId, ticketHash, holdId, endUserId, provider, scopes, vouchedBy, deviceHash, lifetimeSeconds, agentId}
-- Answers {code: "ok", flow}, or {code: "not_found" | "already_decided" | "expired", hold}.
create or replace function holdpoint.offer_oauth_flow_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  org constant text := command ->> 'orgId';
  at timestamptz;
  hold holdpoint.holds;
  flow holdpoint.oauth_flows;
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  at := holdpoint.hp_now();
  flow.end_user_id := command ->> 'endUserId';
  flow.provider := command ->> 'provider';
  flow.scopes := array(select json_array_elements_text(command -> 'scopes'));
  if command ->> 'holdId' is not null then
    select * into hold from holdpoint.holds h where h.org_id = org and h.id = command ->> 'holdId';
    if hold.id is null or hold.kind <> 'authorization' or hold.end_user_id is null
      or (command ->> 'agentId' is not null and hold.agent_id is distinct from command ->> 'agentId')
      or (command ->> 'endUserId' is not null and hold.end_user_id <> command ->> 'endUserId') then
      return json_build_object('code', 'not_found');
    end if;
    if hold.status = 'expired' or (hold.status = 'pending' and hold.expires_at <= at) then
      return json_build_object('code', 'expired', 'now', at, 'hold', row_to_json(hold));
    end if;
    if hold.status <> 'pending' then return json_build_object('code', 'already_decided', 'now', at, 'hold', row_to_json(hold)); end if;
    flow.hold_id := hold.id;
    flow.end_user_id := hold.end_user_id;
    flow.provider := hold.question ->> 'provider';
    flow.scopes := array(select json_array_elements_text(hold.question -> 'scopes'));
  end if;
  perform holdpoint.touch_session_v1(org, null, flow.end_user_id, at);
  flow.ticket_hash := command ->> 'ticketHash';
  flow.org_id := org;
  flow.status := 'offered';
  flow.vouched_by := command ->> 'vouchedBy';
  flow.device_hash := command ->> 'deviceHash';
  flow.created_at := at;
  flow.expires_at := at + make_interval(secs => (command ->> 'lifetimeSeconds')::double precision);
  insert into holdpoint.oauth_flows select (flow).* on conflict do nothing;
  return json_build_object('code', 'ok', 'now', at, 'flow', row_to_json(flow));
end $$;
revoke all on function holdpoint.offer_oauth_flow_v1(json) from public;
grant execute on function holdpoint.offer_oauth_flow_v1(json) to hp_app;
