-- "Not now": what a person has put off. It decides nothing, hides nothing from anybody else, and stops no deadline.
create table holdpoint.deferrals (
  org_id holdpoint.id not null,
  hold_id holdpoint.id not null,
  member_id holdpoint.id not null,
  deferred_at timestamptz not null,
  primary key (org_id, member_id, hold_id)
);
alter table holdpoint.deferrals enable row level security;
alter table holdpoint.deferrals force row level security;
create policy tenant on holdpoint.deferrals to hp_app using (org_id = current_setting('hp.org_id', true))
  with check (org_id = current_setting('hp.org_id', true));
create policy definer on holdpoint.deferrals to hp_definer using (true) with check (true);
grant select, insert, delete on holdpoint.deferrals to hp_app;
grant select, insert, delete on holdpoint.deferrals to hp_definer;
