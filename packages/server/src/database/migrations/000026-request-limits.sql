-- How many requests a principal has been given in the minute that runs. Instances take them in portions, so that a request
-- costs no write and all instances together give no more than the limit (R258). One row a principal, let go when it is old.
create table holdpoint.request_windows (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  window_start timestamptz not null,
  given integer not null,
  primary key (org_id, id)
);
create index request_windows_old on holdpoint.request_windows (window_start);
alter table holdpoint.request_windows enable row level security;
alter table holdpoint.request_windows force row level security;
create policy definer on holdpoint.request_windows to hp_definer using (true) with check (true);
grant select, insert, update, delete on holdpoint.request_windows to hp_definer;
