// An embedded folder becomes the content of a PostgreSQL database, whole or not at all.
//
// Owns: the order of what happens. Does not own: which tables there are (the catalogue says it, so that none is forgotten).
// V1  From before the first row leaves the folder it is shut (I2), and stays so once the other database has committed.
// V2  All rows go in one transaction: a move that is broken off has left nothing behind, and is done again.
// V3  Every column goes as text, verbatim: bytes that were hashed, signed or shown are the same bytes afterwards (I5, I8).
// V4  Transaction ids go verbatim too. The other server first uses up as many, so that its own are above them: the log's
//     order, the cursors of streams and the horizons of checkpoints go on as they were (I12).
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type pg from "pg";
import { renderUrl } from "../connection-options.ts";
import type { DatabaseLogger } from "../database.ts";
import { openDatabase } from "../database.ts";
import { openEmbedded } from "../embedded/embedded-database.ts";
import { migrate } from "../migrations.ts";
import { copyTable } from "./copy-table.ts";
import { MoveError } from "./move-error.ts";
import { listTables, listPartitions, type Table } from "./moved-tables.ts";
import { removeMarker, whyNotMovedTo, writeMarker } from "./moved-marker.ts";

export interface MoveOptions {
  /** The folder of the embedded database. */
  dataDir: string;
  /** `postgres://…`, an empty database. */
  url: string;
  logger: DatabaseLogger;
  /** Told how far it is, in rows. */
  progress?: (done: { table: string; rows: number; ofRows: number }) => void;
}

export interface MoveReport {
  /** Rows by table, without empty tables. */
  tables: { name: string; rows: number }[];
  /** Tables of the app's own tools, which stay where they are. */
  left: { name: string; rows: number }[];
  /** True when an earlier move had come so far that only its end was missing. */
  wasDone: boolean;
}

/**
 * Moves everything that Holdpoint keeps in the folder into the database: holds and their deadlines, runs, grants, people and
 * keys, and the audit log with its checkpoints. Afterwards the folder is shut and the database is what it was.
 *
 * Throws `MoveError`, `DatabaseOpenError` (`data_dir_locked` while a service has the folder open) and `MigrationError`; then
 * the folder is as before, and the database is empty. Killed in between, it is to be called again.
 */
export async function moveEmbedded(options: MoveOptions): Promise<MoveReport> {
  const { url, logger } = options;
  const dataDir = resolve(options.dataDir);
  if (!existsSync(join(dataDir, "postgres", "PG_VERSION"))) {
    throw new MoveError("no_embedded_database", `There is no embedded database in ${dataDir}.`);
  }
  const target = await openDatabase({ url, poolSize: 1, logger });
  try {
    const source = await openEmbedded({ dataDir, logger, isMove: true });
    try {
      await source.ownerSession((owner) => migrate(owner));
      await target.ownerSession((owner) => migrate(owner));
      return await source.ownerSession((from) =>
        target.ownerSession((to) => move({ ...options, dataDir }, from, to)),
      );
    } finally {
      await source.close();
    }
  } finally {
    await target.close();
  }
}

async function move(options: MoveOptions, from: pg.ClientBase, to: pg.ClientBase): Promise<MoveReport> {
  const { dataDir, url } = options;
  const marker = { to: renderUrl(url), at: new Date().toISOString() };
  const tables = await listTables(from);
  const left = await countAll(from, await listTables(from, ["public"]));
  if (await isThereAlready(from, to)) {
    writeMarker(dataDir, { ...marker, state: "moved" });
    return { tables: await countAll(from, tables), left, wasDone: true };
  }
  const elsewhere = whyNotMovedTo(dataDir, marker.to);
  if (elsewhere !== undefined) throw new MoveError("moved_elsewhere", elsewhere);
  await refuseUnlessEmpty(to, tables, url);
  writeMarker(dataDir, { ...marker, state: "moving" }); // V1
  let copied: MoveReport["tables"];
  try {
    await useUpTransactionIds(from, to);
    await makePartitions(from, to);
    copied = await copyAll(options, tables, from, to);
  } catch (error) {
    // Whether a lost commit arrived is not known: then the folder stays shut until it is asked again.
    if (!(error instanceof CommitLostError)) removeMarker(dataDir);
    throw error;
  }
  writeMarker(dataDir, { ...marker, state: "moved" });
  return { tables: copied, left, wasDone: false };
}

class CommitLostError extends Error {
  override name = "CommitLostError";
}

/** V2. */
async function copyAll(
  { progress }: MoveOptions,
  tables: readonly Table[],
  from: pg.ClientBase,
  to: pg.ClientBase,
): Promise<MoveReport["tables"]> {
  const copied: MoveReport["tables"] = [];
  await from.query("begin isolation level repeatable read read only");
  await to.query("begin");
  try {
    // Nobody starts a service on it meanwhile, which would make an organisation of its own.
    await to.query("select pg_advisory_xact_lock(hashtext('holdpoint.first_admin'))");
    // Taken back below, in the same transaction: nobody ever sees a table without its policy.
    for (const table of tables) await to.query(opened(table));
    for (const table of tables) {
      const rows = await copyTable(table, from, to, (done) =>
        progress?.({ table: table.name, rows: done.rows, ofRows: done.ofRows }),
      );
      if (rows > 0) copied.push({ name: table.name, rows });
    }
    for (const table of tables) await to.query(shut(table));
  } catch (error) {
    await to.query("rollback").catch(() => undefined);
    throw error;
  } finally {
    await from.query("rollback");
  }
  try {
    await to.query("commit");
  } catch (error) {
    throw new CommitLostError("The connection was lost while everything was committed.", { cause: error });
  }
  return copied;
}

/** The owner is under forced row-level security like everybody, and triggers have done their work on these rows before. */
function opened({ name, isForced }: Table): string {
  const force = isForced ? `alter table ${name} no force row level security; ` : "";
  return `${force}alter table ${name} disable trigger user`;
}

function shut({ name, isForced }: Table): string {
  const force = isForced ? `; alter table ${name} force row level security` : "";
  return `alter table ${name} enable trigger user${force}`;
}

/** Ids of organisations are nobody else's: where they are, the rows of this folder are. */
async function isThereAlready(from: pg.ClientBase, to: pg.ClientBase): Promise<boolean> {
  const { rows } = await from.query<{ id: string }>(
    "select id::text from holdpoint.organisations order by id",
  );
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return false;
  const found = await seeingAll(to, ["holdpoint.organisations"], async () => {
    const answer = await to.query<{ count: number }>(
      "select count(*)::int as count from holdpoint.organisations where id = any ($1)",
      [ids],
    );
    return answer.rows[0]?.count;
  });
  return found === ids.length;
}

async function refuseUnlessEmpty(to: pg.ClientBase, tables: readonly Table[], url: string): Promise<void> {
  const names = tables.map(({ name }) => name);
  const full = await seeingAll(to, names, async () => {
    for (const name of names) {
      const { rows } = await to.query<{ has: boolean }>(`select exists (select from ${name}) as has`);
      if (rows[0]?.has === true) return name;
    }
    return undefined;
  });
  if (full === undefined) return;
  throw new MoveError(
    "target_not_empty",
    `${renderUrl(url)} is not empty: there is something in ${full}. What is moved would be mixed with it. Make a new database (createdb), and set DATABASE_URL to it.`,
  );
}

/** Looks past row-level security, in a transaction that leaves nothing. */
async function seeingAll<T>(
  owner: pg.ClientBase,
  names: readonly string[],
  look: () => Promise<T>,
): Promise<T> {
  await owner.query("begin");
  try {
    for (const name of names) await owner.query(`alter table ${name} no force row level security`);
    return await look();
  } finally {
    await owner.query("rollback");
  }
}

/** V4. A transaction that asks for its id and commits uses one up. */
async function useUpTransactionIds(from: pg.ClientBase, to: pg.ClientBase): Promise<void> {
  const { rows } = await from.query<{ next: string }>(
    "select pg_snapshot_xmax(pg_current_snapshot())::text as next",
  );
  const until = BigInt(rows[0]?.next ?? "0");
  await to.query("set synchronous_commit = off");
  for (;;) {
    const answer = await to.query<{ next: string }>(
      "select pg_snapshot_xmax(pg_current_snapshot())::text as next",
    );
    const missing = until - BigInt(answer.rows[0]?.next ?? "0");
    if (missing < 0n) break;
    const batch = missing >= 100_000n ? 100_000 : Number(missing) + 1;
    await to.query(
      `do $$ begin for i in 1..${batch} loop perform pg_current_xact_id(); commit; end loop; end $$`,
    );
  }
  await to.query("reset synchronous_commit");
}

/** Those of the folder's months, before their rows come: a month whose events lie in the default partition gets none. */
async function makePartitions(from: pg.ClientBase, to: pg.ClientBase): Promise<void> {
  for (const { suffix, lower, upper } of await listPartitions(from)) {
    await to.query("select holdpoint.ensure_event_partition_v1($1, $2, $3)", [suffix, lower, upper]);
  }
}

async function countAll(owner: pg.ClientBase, tables: readonly Table[]): Promise<MoveReport["tables"]> {
  const counted: MoveReport["tables"] = [];
  for (const { name } of tables) {
    const { rows } = await owner.query<{ rows: number }>(`select count(*)::int as rows from ${name}`);
    if ((rows[0]?.rows ?? 0) > 0) counted.push({ name, rows: rows[0]?.rows ?? 0 });
  }
  return counted;
}
