-- A browser comes back with a state: single use, unexpired, at the provider and in the browser that it was made for. Taken for
-- as long as the exchange of the code may take; end_oauth_flow_v1 gives it back when the provider could not be reached.
-- What comes from elsewhere spends nothing: the right browser can still come back.
-- command: {stateHash, provider, browserHash, exchangeSeconds}
-- Answers {code: "ok", flow}, or {code: "not_found" | "other_provider" | "other_browser" | "expired" | "used" | "in_progress"}.
create or replace function holdpoint.take_oauth_flow_v1(command json) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare
  at timestamptz;
  flow holdpoint.oauth_flows;
begin
  select * into flow from holdpoint.oauth_flows f where f.state_hash = command ->> 'stateHash' for update;
  if flow.ticket_hash is null then return json_build_object('code', 'not_found'); end if;
  at := holdpoint.hp_now();
  if flow.provider <> command ->> 'provider' then return json_build_object('code', 'other_provider'); end if;
  if flow.browser_hash is distinct from command ->> 'browserHash' then return json_build_object('code', 'other_browser'); end if;
  if flow.status = 'ended' then return json_build_object('code', 'used', 'flow', row_to_json(flow)); end if;
  if flow.status = 'exchanging' and flow.exchange_until > at then return json_build_object('code', 'in_progress'); end if;
  if flow.expires_at <= at or not holdpoint.flow_counts_v1(flow) then return json_build_object('code', 'expired'); end if;
  update holdpoint.oauth_flows f set status = 'exchanging',
      exchange_until = at + make_interval(secs => (command ->> 'exchangeSeconds')::double precision)
    where f.ticket_hash = flow.ticket_hash returning f.* into flow;
  return json_build_object('code', 'ok', 'now', at, 'flow', row_to_json(flow));
end $$;
alter function holdpoint.take_oauth_flow_v1(json) owner to hp_definer;
revoke all on function holdpoint.take_oauth_flow_v1(json) from public;
grant execute on function holdpoint.take_oauth_flow_v1(json) to hp_app;
