-- Whether the device that asked for a ticket still is its end user's: a link that was withdrawn leads nowhere any more, also
-- not on the way to a provider and back. True for a ticket that an app vouched for.
create or replace function holdpoint.flow_counts_v1(flow holdpoint.oauth_flows) returns boolean
language plpgsql stable set search_path = '' as $$
declare who constant holdpoint.end_user_principal := holdpoint.identify_end_user_v1(flow.device_hash);
begin
  return flow.device_hash is null or (who.org_id is not distinct from flow.org_id::text
    and who.end_user_id is not distinct from flow.end_user_id::text);
end $$;
revoke all on function holdpoint.flow_counts_v1(holdpoint.oauth_flows) from public;
grant execute on function holdpoint.flow_counts_v1(holdpoint.oauth_flows) to hp_app, hp_definer;
