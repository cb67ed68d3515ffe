import { defineTool } from "holdpoint";
import { z } from "zod";
import { appendNotification, outboxPath } from "./outbox.ts";

/** What an agent may delete from. */
const TABLES = ["users"] as const;
const SHOWN_ROWS = 10;

interface UserRow {
  id: number;
  name: string;
  email: string;
  status: string;
  last_seen_at: string;
}

/** Reads; runs without asking anybody. */
export const queryUsers = defineTool({
  name: "query_users",
  description:
    "Count and list users. The result carries the count of all that match and the first few of them.",
  input: z.object({
    status: z.enum(["active", "inactive", "invited"]).optional().describe("Only users with this status."),
    name_contains: z.string().max(100).optional().describe("Only users whose name contains this."),
    not_seen_for_days: z
      .int()
      .min(0)
      .max(10_000)
      .optional()
      .describe("Only users not seen for so many days."),
    limit: z
      .int()
      .min(0)
      .max(50)
      .default(5)
      .describe("How many rows to list, those not seen for longest first."),
  }),
  reversibility: "reversible",
  idempotent: true, // it only reads: after a crash it may simply run again
  async execute({ status, name_contains, not_seen_for_days, limit }, { database }) {
    const where = `where ($1::text is null or status = $1) and ($2::text is null or position(lower($2) in lower(name)) > 0)
      and ($3::int is null or last_seen_at < now() - make_interval(days => $3))`;
    const values = [status, name_contains, not_seen_for_days];
    return database.transaction(async (tx) => {
      const [counted] = await tx.query<{ count: number }>(
        `select count(*) as count from users ${where}`,
        values,
      );
      const users = await tx.query<UserRow>(
        `select * from users ${where} order by last_seen_at, id limit $4`,
        [...values, limit],
      );
      return { count: counted?.count ?? 0, users };
    });
  },
});

/** Deletes for good: a person confirms, and sees which rows it would be. */
export const deleteRecords = defineTool({
  name: "delete_records",
  description: "Delete the oldest records of a table, by when they were last seen. Cannot be undone.",
  input: z.object({
    table_name: z.enum(TABLES).describe("The table to delete from."),
    count: z.int().min(1).max(100_000).describe("How many records, the oldest first."),
  }),
  reversibility: "irreversible",
  impact: "high",
  requiresConfirmation: true,
  value: "count",
  describe: ({ table_name, count }) =>
    `Deletes the ${count} records of table ${table_name} that were not seen for longest. This cannot be undone.`,
  async evidence({ table_name, count }, { database }) {
    return database.transaction(async (tx) => {
      const [total] = await tx.query<{ count: number }>(`select count(*) as count from ${table_name}`);
      const rows = await tx.query<UserRow>(`select * from ${table_name} order by last_seen_at, id limit $1`, [
        Math.min(count, SHOWN_ROWS),
      ]);
      const all = total?.count ?? 0;
      const affected = Math.min(count, all);
      const more = affected > rows.length ? `\n… and ${affected - rows.length} more` : "";
      return [
        {
          type: "text",
          title: "How many",
          text: `${affected} of ${all} records in ${table_name} would be deleted.`,
        },
        { type: "text", title: "Which", text: rows.map(describeUser).join("\n") + more },
      ];
    });
  },
  async execute({ table_name, count }, { database }) {
    return database.transaction(async (tx) => {
      const deleted = await tx.query(
        `delete from ${table_name} where id in (select id from ${table_name} order by last_seen_at, id limit $1) returning id`,
        [count],
      );
      const [left] = await tx.query<{ count: number }>(`select count(*) as count from ${table_name}`);
      return { deleted: deleted.length, remaining: left?.count ?? 0 };
    });
  },
});

/** Reaches somebody outside, so a person confirms. Appends to a file, where a real one would call a service. */
export const sendNotification = defineTool({
  name: "send_notification",
  description: "Send a message to one user.",
  input: z.object({
    user_id: z.int().min(1).describe("The user's id."),
    message: z.string().min(1).max(2_000).describe("What to tell them."),
  }),
  reversibility: "partially_reversible",
  requiresConfirmation: true,
  async evidence({ user_id }, { database }) {
    const [user] = await database.query<UserRow>("select * from users where id = $1", [user_id]);
    const text = user === undefined ? `There is no user ${user_id}.` : describeUser(user);
    return [{ type: "text", title: "Recipient", text }];
  },
  async execute({ user_id, message }, { database, idempotencyKey }) {
    const [user] = await database.query<UserRow>("select * from users where id = $1", [user_id]);
    if (user === undefined) throw new Error(`There is no user ${user_id}, so nothing was sent.`);
    await appendNotification(outboxPath(), { to: user.email, userId: user.id, message, idempotencyKey });
    return { sent: true, to: user.email };
  },
});

function describeUser({ id, name, email, status, last_seen_at }: UserRow): string {
  return `${id}  ${name}  ${email}  ${status}, last seen ${last_seen_at.slice(0, 10)}`;
}
