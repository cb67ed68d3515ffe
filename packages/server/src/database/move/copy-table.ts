import type pg from "pg";
import type { Table } from "./moved-tables.ts";

/** What is held in memory at a time, about. Rows with evidence have megabytes. */
const BATCH_BYTES = 4_000_000;
const MAX_BATCH_ROWS = 1_000;

export interface Copied {
  rows: number;
  ofRows: number;
}

/**
 * Copies a table's rows as text, column by column, within the transactions that both sessions are in. Resolves to how many
 * there were. Throws when the other side has not as many afterwards.
 */
export async function copyTable(
  table: Table,
  from: pg.ClientBase,
  to: pg.ClientBase,
  progress: (copied: Copied) => void,
): Promise<number> {
  const ofRows = await count(from, table);
  if (ofRows === 0) return 0;
  const selected = table.columns.map(({ name }) => `${name}::text`).join(", ");
  await from.query(`declare moved no scroll cursor for select array[${selected}] as row from ${table.name}`);
  const insert = insertStatement(table);
  let rows = 0;
  for (let size = 20; ;) {
    const batch = await from.query<{ row: (string | null)[] }>(`fetch ${size} from moved`);
    if (batch.rows.length === 0) break;
    const columns = table.columns.map((_, index) => batch.rows.map(({ row }) => row[index] ?? null));
    await to.query(insert, columns);
    rows += batch.rows.length;
    progress({ rows, ofRows });
    const bytes = columns.flat().reduce((sum, text) => sum + (text?.length ?? 0), 0);
    size = Math.max(1, Math.min(MAX_BATCH_ROWS, Math.floor(BATCH_BYTES / (bytes / batch.rows.length + 1))));
  }
  await from.query("close moved");
  await continueIdentity(table, to);
  const arrived = await count(to, table);
  if (arrived !== ofRows) {
    throw new Error(`${table.name} has ${ofRows} rows, and ${arrived} of them arrived. Nothing was moved.`);
  }
  return rows;
}

function insertStatement({ name, columns }: Table): string {
  const names = columns.map((column) => column.name).join(", ");
  const values = columns.map(({ type }, index) => `c${index}::${type}`).join(", ");
  const arrays = columns.map((_, index) => `$${index + 1}::text[]`).join(", ");
  const aliases = columns.map((_, index) => `c${index}`).join(", ");
  return `insert into ${name} (${names}) overriding system value select ${values} from unnest(${arrays}) as given (${aliases})`;
}

/** What counts by itself goes on above what came. */
async function continueIdentity({ name, identity }: Table, to: pg.ClientBase): Promise<void> {
  if (identity === null) return;
  await to.query(`select setval($1::regclass, greatest((select max(${identity.column}) from ${name}), 1))`, [
    identity.sequence,
  ]);
}

async function count(owner: pg.ClientBase, { name }: Table): Promise<number> {
  const { rows } = await owner.query<{ count: number }>(`select count(*)::int as count from ${name}`);
  return rows[0]?.count ?? 0;
}
