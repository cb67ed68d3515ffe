import type { SetupContext } from "holdpoint";

/** How many overdue invoices a fresh example has. */
export const INVOICE_COUNT = 24;

/** Marks the tables as this example's, so that another app's are never touched. */
const MARK = "Holdpoint example long-job";

/** Makes and fills `public.invoices` and `public.reminders` where they are absent. */
export async function setUpInvoices({ database, log }: SetupContext): Promise<void> {
  const found = await database.query<{ mark: string | null }>(
    `select obj_description(oid, 'pg_class') as mark from pg_class
     where oid in (to_regclass('public.invoices'), to_regclass('public.reminders'))`,
  );
  if (found.some(({ mark }) => mark !== MARK)) {
    throw new Error(
      "This database has a table public.invoices or public.reminders that is not the example's. Use another database for the example.",
    );
  }
  if (found.length === 0) {
    await database.query(`create table public.invoices (
      id integer primary key,
      customer text not null,
      amount_cents integer not null,
      days_overdue integer not null,
      waived_percent integer not null default 0,
      taken_by text
    )`);
    // What went out: the side effect that must happen once.
    await database.query(`create table public.reminders (
      idempotency_key text primary key,
      invoice_id integer not null references public.invoices,
      sent_at timestamptz not null default now()
    )`);
    for (const table of ["invoices", "reminders"])
      await database.query(`comment on table public.${table} is '${MARK}'`);
    await fill({ database, log });
    log(`${INVOICE_COUNT} invoices are overdue.`);
  }
  await database.query("grant select, update on public.invoices to hp_tools");
  await database.query("grant select, insert on public.reminders to hp_tools");
}

/** All invoices as they were at first, and nothing sent. */
export async function refillInvoices(context: SetupContext): Promise<void> {
  await setUpInvoices(context);
  await context.database.query("delete from public.reminders");
  await context.database.query("delete from public.invoices");
  await fill(context);
  context.log(`${INVOICE_COUNT} invoices are overdue again.`);
}

const CUSTOMERS = [
  "Acme Tools",
  "Brightwater",
  "Cobalt Supplies",
  "Dovetail & Sons",
  "Elm Street Bakery",
  "Fjord Fish",
];
/** Overdue for so long that nobody expects the money any more. */
const HOPELESS = new Set([5, 17]);

async function fill({ database }: SetupContext): Promise<void> {
  const ids = Array.from({ length: INVOICE_COUNT }, (_, index) => index + 1);
  await database.query(
    `insert into public.invoices (id, customer, amount_cents, days_overdue)
     select * from unnest($1::int[], $2::text[], $3::int[], $4::int[])`,
    [
      ids,
      ids.map((id) => CUSTOMERS[(id - 1) % CUSTOMERS.length]),
      ids.map((id) => 4_900 + ((id * 7_919) % 90) * 1_000),
      ids.map((id) => (HOPELESS.has(id) ? 900 + id : 31 + ((id * 37) % 200))),
    ],
  );
}
