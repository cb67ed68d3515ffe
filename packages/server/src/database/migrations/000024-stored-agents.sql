-- Agents that were made over the API, beside those of the config file: tools of the config's by name, and what the agent asks for
-- beyond what tool and policy ask for. A run finds its agent here as it was made: a row changes only when its agent is taken away, and
-- stays then, so that an id never means another agent and the log knows its name.
create table holdpoint.agents (
  org_id holdpoint.id not null,
  id holdpoint.id not null,
  name text not null,
  -- Null: the one of the config's agent that has these tools.
  model text,
  instructions text not null,
  tools text[] not null,
  -- {tool: {requiresConfirmation?, timeoutSeconds?, onTimeout?}}
  tool_settings json not null,
  markdown boolean not null,
  max_steps integer not null check (max_steps between 1 and 1000),
  on_new_message text not null check (on_new_message in ('queue', 'supersede', 'reject')),
  created_at timestamptz not null,
  created_by holdpoint.id not null,
  deleted_at timestamptz,
  idempotency_key text collate "C",
  body_hash text collate "C",
  primary key (org_id, id),
  -- Its address is that of the decisions of others' protocols.
  constraint hitl_is_no_agent check (id <> 'hitl')
);
create unique index agents_by_idempotency_key on holdpoint.agents (org_id, idempotency_key) where idempotency_key is not null;
alter table holdpoint.agents enable row level security;
alter table holdpoint.agents force row level security;
create policy tenant on holdpoint.agents to hp_app
  using (org_id = current_setting('hp.org_id', true)) with check (org_id = current_setting('hp.org_id', true));
create policy definer on holdpoint.agents to hp_definer using (true) with check (true);
grant select, insert on holdpoint.agents to hp_app;
grant update (deleted_at, instructions, idempotency_key) on holdpoint.agents to hp_app;
grant select on holdpoint.agents to hp_definer;
