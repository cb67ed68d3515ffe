import { HoldpointError } from "@holdpoint/protocol";
import type pg from "pg";
import { readMigrationFiles, readSqlFiles, type MigrationFile, type SqlFile } from "./sql-files.ts";

/** The number of our advisory lock: "hold" in ASCII. */
const LOCK_KEY = 0x686f6c64;

const MIGRATIONS_FOLDER = new URL("./migrations/", import.meta.url);
const FUNCTIONS_FOLDER = new URL("./functions/", import.meta.url);

const INSUFFICIENT_PRIVILEGE = "42501";

const BOOTSTRAP = `
  create schema if not exists holdpoint;
  create table if not exists holdpoint.migrations (
    number integer primary key,
    name text not null,
    sha256 text not null,
    applied_at timestamptz not null default clock_timestamp()
  );
  create table if not exists holdpoint.function_files (
    name text primary key,
    sha256 text not null,
    applied_at timestamptz not null default clock_timestamp()
  );`;

// A migration may have granted rights on all tables of the schema; the record of migrations is the migrator's.
const PROTECT_RECORD = `
  do $$ begin
    revoke all on holdpoint.migrations, holdpoint.function_files from public, hp_app, hp_definer;
    grant select on holdpoint.migrations to hp_app;
  exception when undefined_object then null;
  end $$`;

/** `migration_changed`: a recorded file differs from the code's. `migration_unknown`: the database is newer. */
export class MigrationError extends HoldpointError {
  override name = "MigrationError";

  constructor(
    code: "migration_changed" | "migration_unknown" | "migration_failed",
    message: string,
    cause?: unknown,
  ) {
    super(message, { code, cause });
  }
}

export interface MigrationReport {
  /** Names of the migrations applied now, in order. */
  migrations: string[];
  /** Names of the function files applied now. */
  functions: string[];
}

export interface MigrationOptions {
  /** Folder of `NNNNNN-name.sql`. Default: the service's own. */
  migrationsFolder?: URL;
  /** Folder of `name_vN.sql`. Default: the service's own. */
  functionsFolder?: URL;
}

/**
 * Brings schema `holdpoint` up to date: pending migrations, each in its transaction, then the functions whose
 * file changed. Repeating it does nothing; of several instances one migrates while the others wait. Refuses
 * with MigrationError, and changes nothing, when a recorded file changed or the database is newer than the code.
 */
export async function migrate(
  owner: pg.ClientBase,
  options: MigrationOptions = {},
): Promise<MigrationReport> {
  const files = await readMigrationFiles(options.migrationsFolder ?? MIGRATIONS_FOLDER);
  const functions = await readSqlFiles(options.functionsFolder ?? FUNCTIONS_FOLDER);
  await owner.query("select pg_advisory_lock($1)", [LOCK_KEY]);
  try {
    await bootstrap(owner);
    const pending = findPending(files, await readRecord(owner));
    for (const file of pending) await applyMigration(owner, file);
    const changed = await applyFunctions(owner, functions);
    if (pending.length > 0) await owner.query(PROTECT_RECORD);
    return { migrations: pending.map((file) => file.name), functions: changed };
  } finally {
    await owner.query("select pg_advisory_unlock($1)", [LOCK_KEY]).catch(() => {}); // a lost session holds no lock
  }
}

async function bootstrap(owner: pg.ClientBase): Promise<void> {
  try {
    await owner.query(BOOTSTRAP);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === INSUFFICIENT_PRIVILEGE)) throw error;
    throw new MigrationError(
      "migration_failed",
      `The user of the database may not make Holdpoint's tables there: ${error.message}. It has to own the database and ` +
        "to have CREATEROLE; docs/how-to/run-on-postgresql.md says how.",
      error,
    );
  }
}

/** Names of the migrations that `migrate` would apply. Changes nothing; throws MigrationError as `migrate` would. */
export async function listPendingMigrations(
  owner: pg.ClientBase,
  options: MigrationOptions = {},
): Promise<string[]> {
  const files = await readMigrationFiles(options.migrationsFolder ?? MIGRATIONS_FOLDER);
  const { rows } = await owner.query<{ exists: boolean }>(
    "select to_regclass('holdpoint.migrations') is not null as exists",
  );
  const record = rows[0]?.exists ? await readRecord(owner) : [];
  return findPending(files, record).map(({ name }) => name);
}

interface RecordedMigration {
  number: number;
  name: string;
  sha256: string;
}

async function readRecord(owner: pg.ClientBase): Promise<RecordedMigration[]> {
  const { rows } = await owner.query<RecordedMigration>(
    "select number, name, sha256 from holdpoint.migrations order by number",
  );
  return rows;
}

function findPending(files: MigrationFile[], record: RecordedMigration[]): MigrationFile[] {
  const newest = record.at(-1)?.number ?? 0;
  for (const recorded of record) {
    const file = files.find(({ number }) => number === recorded.number);
    if (!file) {
      throw new MigrationError(
        "migration_unknown",
        `The database has migration ${recorded.name}, which this version of Holdpoint does not know: the database is newer than the code. Start the version that migrated it, or a newer one.`,
      );
    }
    if (file.sha256 !== recorded.sha256) {
      throw new MigrationError(
        "migration_changed",
        `Migration ${recorded.name} was changed after it was applied to this database. Restore the file; write changes as a new migration.`,
      );
    }
  }
  const pending = files.filter(({ number }) => !record.some((recorded) => recorded.number === number));
  const late = pending.find(({ number }) => number < newest);
  if (late) {
    throw new MigrationError(
      "migration_unknown",
      `Migration ${late.name} comes before ${newest}, which is already applied. Give it a number above that.`,
    );
  }
  return pending;
}

async function applyMigration(owner: pg.ClientBase, file: MigrationFile): Promise<void> {
  await inTransaction(owner, async () => {
    await runFile(owner, file);
    await owner.query("insert into holdpoint.migrations (number, name, sha256) values ($1, $2, $3)", [
      file.number,
      file.name,
      file.sha256,
    ]);
  });
}

/** All together, so that no instance sees a new caller with an old callee. Returns the names of those that changed. */
async function applyFunctions(owner: pg.ClientBase, files: SqlFile[]): Promise<string[]> {
  const { rows } = await owner.query<{ name: string; sha256: string }>(
    "select name, sha256 from holdpoint.function_files",
  );
  const recorded = new Map(rows.map(({ name, sha256 }) => [name, sha256]));
  const changed = files.filter(({ name, sha256 }) => recorded.get(name) !== sha256);
  if (changed.length === 0) return [];
  await inTransaction(owner, async () => {
    await owner.query("set local check_function_bodies = off"); // they call one another
    for (const file of changed) {
      await runFile(owner, file);
      await owner.query(
        `insert into holdpoint.function_files (name, sha256) values ($1, $2)
         on conflict (name) do update set sha256 = excluded.sha256, applied_at = clock_timestamp()`,
        [file.name, file.sha256],
      );
    }
  });
  return changed.map(({ name }) => name);
}

async function inTransaction(owner: pg.ClientBase, work: () => Promise<void>): Promise<void> {
  await owner.query("begin");
  try {
    await work();
    await owner.query("commit");
  } catch (error) {
    await owner.query("rollback").catch(() => {}); // a lost session has rolled back already
    throw error;
  }
}

async function runFile(owner: pg.ClientBase, file: SqlFile): Promise<void> {
  try {
    await owner.query(file.sql);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const position =
      error instanceof Error && "position" in error
        ? ` (at line ${lineAt(file.sql, Number(error.position))})`
        : "";
    throw new MigrationError(
      "migration_failed",
      `${file.name} failed and was rolled back: ${reason}${position}`,
      error,
    );
  }
  if (owner.getTransactionStatus() !== "T") {
    throw new MigrationError(
      "migration_failed",
      `${file.name} ended the transaction that it runs in: take BEGIN and COMMIT out of it.`,
    );
  }
}

function lineAt(sql: string, position: number): number {
  return sql.slice(0, position).split("\n").length;
}
