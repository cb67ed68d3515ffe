/**
 * The same two operations with nothing around them: a hold with its event, and a decision with its event, each one
 * statement. No organisation, identity, policy, hash, deadline or check; what they cost is what any such service pays.
 */
export const BARE_SCHEMA = `
  create table holds (
    id bigint generated always as identity primary key,
    status text not null default 'pending',
    action json not null,
    created_at timestamptz not null default clock_timestamp(),
    decided_at timestamptz,
    outcome json
  );
  create index on holds (id) where status = 'pending';
  create table events (
    id bigint generated always as identity primary key,
    hold_id bigint not null,
    type text not null,
    data json not null,
    created_at timestamptz not null default clock_timestamp()
  );
  create index on events (hold_id);`;

/** $1 the action; answers with the hold's id. */
export const CREATE_HOLD = {
  name: "create_hold",
  text: `
    with hold as (insert into holds (action) values ($1) returning id),
      event as (insert into events (hold_id, type, data) select id, 'hold.created', $1::json from hold)
    select id::text from hold`,
};

/** $1 the hold's id, $2 the outcome; answers with a row when the hold was pending. */
export const DECIDE_HOLD = {
  name: "decide_hold",
  text: `
    with hold as (
        update holds set status = 'approved', decided_at = clock_timestamp(), outcome = $2
        where id = $1 and status = 'pending' returning id),
      event as (insert into events (hold_id, type, data) select id, 'hold.decided', $2::json from hold)
    select id::text from hold`,
};

/** The same as transactions of several statements, as they are often written. */
export const IN_TRANSACTIONS = {
  insertHold: { name: "insert_hold", text: "insert into holds (action) values ($1) returning id::text" },
  insertEvent: {
    name: "insert_event",
    text: "insert into events (hold_id, type, data) values ($1, $2, $3)",
  },
  lockHold: { name: "lock_hold", text: "select status from holds where id = $1 for update" },
  updateHold: {
    name: "update_hold",
    text: "update holds set status = 'approved', decided_at = clock_timestamp(), outcome = $2 where id = $1",
  },
};
