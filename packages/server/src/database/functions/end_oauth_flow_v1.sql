-- Ends a flow that was taken, or gives it back (`endedAs` null) so that the same page can be loaded again.
-- command: {orgId, ticketHash, endedAs: "refused" | "failed" | null}
create or replace function holdpoint.end_oauth_flow_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
begin
  perform pg_catalog.set_config('hp.org_id', command ->> 'orgId', true);
  update holdpoint.oauth_flows f set exchange_until = null, ended_as = command ->> 'endedAs',
      status = case when command ->> 'endedAs' is null then 'begun' else 'ended' end,
      ended_at = case when command ->> 'endedAs' is not null then holdpoint.hp_now() end
    where f.org_id = command ->> 'orgId' and f.ticket_hash = command ->> 'ticketHash' and f.status = 'exchanging';
  return json_build_object('code', 'ok');
end $$;
revoke all on function holdpoint.end_oauth_flow_v1(json) from public;
grant execute on function holdpoint.end_oauth_flow_v1(json) to hp_app;
