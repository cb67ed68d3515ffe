import { setTimeout as delay } from "node:timers/promises";
import { defineTool } from "holdpoint";
import { z } from "zod";

interface InvoiceRow {
  id: number;
  customer: string;
  amount_cents: number;
  days_overdue: number;
  waived_percent: number;
}

/** How long one reminder takes: as long as a person needs to follow. */
function paceMs(): number {
  return Number(process.env["LONG_JOB_PACE_MS"] ?? 1_500);
}

/** Hands out each invoice once, to whichever run asks first. */
export const takeInvoices = defineTool({
  name: "take_invoices",
  description:
    "Take the next overdue invoices off the list. Each is handed out once; none in the answer means that the list is done.",
  input: z.object({
    limit: z.int().min(1).max(10).default(3).describe("How many."),
    leave_out: z.array(z.string().min(1).max(100)).max(20).default([]).describe("Customers to leave out."),
  }),
  reversibility: "reversible",
  idempotent: true, // started again after a crash it finds what it has taken
  async execute({ limit, leave_out }, { database, idempotencyKey }) {
    const invoices = await database.transaction(async (tx) => {
      await tx.query(
        `update invoices set taken_by = $1 where id in (
           select id from invoices where taken_by is null and not lower(customer) = any ($2::text[])
           order by id limit $3 for update skip locked)
         and not exists (select from invoices where taken_by = $1)`,
        [idempotencyKey, leave_out.map((name) => name.toLowerCase()), limit],
      );
      return tx.query<InvoiceRow>(
        "select id, customer, amount_cents, days_overdue from invoices where taken_by = $1 order by id",
        [idempotencyKey],
      );
    });
    return { invoices };
  },
});

/** The work itself: runs by itself, takes its time, and stops at once when its run is cancelled. */
export const sendReminder = defineTool({
  name: "send_reminder",
  description: "Remind the customer of one invoice.",
  input: z.object({ invoice_id: z.int().min(1).describe("The invoice.") }),
  reversibility: "partially_reversible", // one can only apologize for it
  requiresConfirmation: false,
  idempotent: true, // the key keeps a second start from sending a second reminder
  async execute({ invoice_id }, { database, idempotencyKey, signal }) {
    await delay(paceMs(), undefined, { signal }); // nothing is sent before it
    return database.transaction(async (tx) => {
      const [invoice] = await tx.query<InvoiceRow>("select * from invoices where id = $1", [invoice_id]);
      if (invoice === undefined) throw new Error(`There is no invoice ${invoice_id}, so nothing was sent.`);
      await tx.query(
        "insert into reminders (idempotency_key, invoice_id) values ($1, $2) on conflict do nothing",
        [idempotencyKey, invoice_id],
      );
      return { reminded: invoice.customer, amount_cents: invoice.amount_cents };
    });
  },
});

/** Reads; for whoever wants to see that nothing went out twice. */
export const countReminders = defineTool({
  name: "count_reminders",
  description: "How many reminders were sent, and which invoices were reminded more than once.",
  input: z.object({}),
  reversibility: "reversible",
  idempotent: true,
  async execute(_, { database }) {
    const rows = await database.query<{ invoice_id: number; sent: number }>(
      "select invoice_id, count(*)::int as sent from reminders group by invoice_id order by invoice_id",
    );
    const twice = rows.filter(({ sent }) => sent > 1).map(({ invoice_id }) => invoice_id);
    return { sent: rows.reduce((sum, { sent }) => sum + sent, 0), reminded_twice: twice };
  },
});

/** Gives money away: a person confirms, and may change how much. */
export const waiveInvoice = defineTool({
  name: "waive_invoice",
  description: "Give up a part of an invoice, or all of it. Cannot be undone.",
  input: z.object({
    invoice_id: z.int().min(1).describe("The invoice."),
    percent: z.int().min(1).max(100).describe("How much of it is given up."),
    reason: z.string().min(1).max(500).describe("Why, for the books."),
  }),
  reversibility: "irreversible",
  requiresConfirmation: true,
  describe: ({ invoice_id, percent }) => `Gives up ${percent} % of invoice ${invoice_id}.`,
  async evidence({ invoice_id }, { database }) {
    const [invoice] = await database.query<InvoiceRow>("select * from invoices where id = $1", [invoice_id]);
    const text =
      invoice === undefined
        ? `There is no invoice ${invoice_id}.`
        : `${invoice.customer} owes ${(invoice.amount_cents / 100).toFixed(2)} for ${invoice.days_overdue} days.`;
    return [{ type: "text", title: "Invoice", text }];
  },
  async execute({ invoice_id, percent }, { database }) {
    const rows = await database.query<InvoiceRow>(
      "update invoices set waived_percent = $2 where id = $1 returning *",
      [invoice_id, percent],
    );
    if (rows.length === 0) throw new Error(`There is no invoice ${invoice_id}, so nothing was given up.`);
    return { waived_percent: percent };
  },
});
