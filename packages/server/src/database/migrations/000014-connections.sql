-- Sign-ins of end users at providers, and the way there.
create domain holdpoint.connection_status as text check (value in ('active', 'expired', 'revoked'));
create domain holdpoint.oauth_flow_status as text check (value in ('offered', 'begun', 'exchanging', 'ended'));

-- One for each end user and provider: wider scopes extend it, a new sign-in after its end takes its place.
create table holdpoint.connections (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  end_user_id holdpoint.id not null,
  provider text collate "C" not null,
  status holdpoint.connection_status not null,
  -- Goes up with each write of tokens; part of what they are sealed with, so that an old record put back does not open.
  version integer not null,
  scopes text[] not null,
  account text,
  -- The tokens as the vault has sealed them. Null once it has ended.
  sealed text collate "C",
  -- Of the access token; null where the provider says nothing.
  access_expires_at timestamptz,
  -- Whoever renews or revokes it: one flight at a time over all instances.
  lease_owner text,
  lease_until timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  last_used_at timestamptz,
  primary key (org_id, id),
  unique (end_user_id, provider, org_id),
  check ((status = 'active') = (sealed is not null))
);

-- One way to a sign-in: a ticket that leads a browser to the provider, and the state that brings it back (both by hash).
create table holdpoint.oauth_flows (
  ticket_hash text collate "C" primary key,
  org_id holdpoint.id not null,
  end_user_id holdpoint.id not null,
  provider text collate "C" not null,
  scopes text[] not null,
  -- The question that it answers; null when the app offers it by itself.
  hold_id holdpoint.id,
  status holdpoint.oauth_flow_status not null default 'offered',
  -- Who vouches that the browser is the end user's: `end_user` (their device asked for the ticket) or `app`.
  vouched_by text not null,
  -- The device that asked for the ticket, when one did: no other may go on with it.
  device_hash text collate "C",
  state_hash text collate "C" unique,
  -- The browser that was sent to the provider: no other may come back.
  browser_hash text collate "C",
  created_at timestamptz not null,
  expires_at timestamptz not null,
  exchange_until timestamptz,
  ended_at timestamptz,
  -- connected | refused | failed
  ended_as text
);
create index oauth_flows_by_end on holdpoint.oauth_flows (expires_at);

do $$
declare name text;
begin
  foreach name in array array['connections', 'oauth_flows'] loop
    execute format('alter table holdpoint.%I enable row level security', name);
    execute format('alter table holdpoint.%I force row level security', name);
    execute format('create policy tenant on holdpoint.%I to hp_app using (org_id = current_setting(''hp.org_id'', true)) with check (org_id = current_setting(''hp.org_id'', true))', name);
    execute format('create policy definer on holdpoint.%I to hp_definer using (true) with check (true)', name);
  end loop;
end $$;
grant select, insert, update on holdpoint.connections, holdpoint.oauth_flows to hp_app, hp_definer;
grant delete on holdpoint.oauth_flows to hp_definer;
