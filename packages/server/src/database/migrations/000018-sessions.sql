-- Sessions: which run waits for which, when a session was last used, and how one is deleted.

-- Of a queued run: the run of its session and agent that has to end first. Never while it is due.
alter table holdpoint.runs add column waits_for holdpoint.id;
create index runs_that_wait on holdpoint.runs (waits_for, org_id) where waits_for is not null;
create index runs_by_root on holdpoint.runs (history_of, org_id) where history_of is not null;
create index runs_open_of_session on holdpoint.runs (session_id, org_id) where session_id is not null and ended_at is null;

alter table holdpoint.sessions
  -- To the minute, so that not each run writes it.
  add column last_used_at timestamptz,
  -- From then on it takes nothing new, and is gone soon.
  add column deleting_at timestamptz;
update holdpoint.sessions s set last_used_at = greatest(s.created_at, (select max(r.created_at) from holdpoint.runs r
  where r.org_id = s.org_id and r.session_id = s.id));
alter table holdpoint.sessions alter column last_used_at set not null;
create index sessions_in_order on holdpoint.sessions (org_id, last_used_at, id);
create index sessions_by_use on holdpoint.sessions (last_used_at);
create index sessions_to_delete on holdpoint.sessions (deleting_at) where deleting_at is not null;
create index holds_of_session on holdpoint.holds (session_id, org_id) where session_id is not null;

create index samples_by_run on holdpoint.samples (run_id, org_id) where run_id is not null;
create index request_keys_by_hold on holdpoint.request_keys (hold_id, org_id);
create index samples_by_claim on holdpoint.samples (claim_id, org_id);

-- Deleting takes whole rows, also of tables that the service only adds to. One role may, in purge_session_v1.
do $$
declare name text;
begin
  foreach name in array array['sessions', 'runs', 'steps', 'messages', 'tool_calls', 'holds', 'decisions', 'deferrals', 'request_keys',
    'claims', 'run_notes', 'fork_actions', 'asks', 'once_results', 'samples'] loop
    execute format('create policy eraser on holdpoint.%I to hp_eraser using (true)', name);
    execute format('grant select, delete on holdpoint.%I to hp_eraser', name);
  end loop;
end $$;
