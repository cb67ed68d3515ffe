-- What a ticket is for, changing nothing: so that whether its provider answers is known before the ticket is spent. Crosses
-- organisations, as whoever brings a ticket has no credential; so it belongs to hp_definer.
create or replace function holdpoint.find_oauth_flow_v1(ticket text) returns json
language sql stable security definer set search_path = '' as
$$ select json_build_object('provider', f.provider, 'status', f.status) from holdpoint.oauth_flows f where f.ticket_hash = ticket $$;
alter function holdpoint.find_oauth_flow_v1(text) owner to hp_definer;
revoke all on function holdpoint.find_oauth_flow_v1(text) from public;
grant execute on function holdpoint.find_oauth_flow_v1(text) to hp_app;
