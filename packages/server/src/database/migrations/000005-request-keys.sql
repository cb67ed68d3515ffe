-- Idempotency keys of requests that make no row of their own: what withdraws a hold, puts it off, or reports on its
-- execution. Every other key is a column of what its request made.
create table holdpoint.request_keys (
  org_id holdpoint.id not null,
  idempotency_key text collate "C" not null,
  hold_id holdpoint.id not null,
  principal text not null,
  body_hash text collate "C" not null,
  primary key (org_id, idempotency_key)
);
alter table holdpoint.request_keys enable row level security;
alter table holdpoint.request_keys force row level security;
create policy tenant on holdpoint.request_keys to hp_app using (org_id = current_setting('hp.org_id', true))
  with check (org_id = current_setting('hp.org_id', true));
create policy definer on holdpoint.request_keys to hp_definer using (true) with check (true);
grant select, insert on holdpoint.request_keys to hp_app;
grant select, insert on holdpoint.request_keys to hp_definer;
