import type { Kysely } from "kysely";
import type pg from "pg";
import { openEmbedded } from "./embedded/embedded-database.ts";
import type { ExclusiveSession } from "./exclusive-session.ts";
import type { Listener } from "./notifications.ts";
import { openPostgres } from "./postgres-database.ts";
import type { Schema } from "./schema.ts";

/** What the database says while it works. A pino logger fits. */
export interface DatabaseLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** A function in `functions/<name>.sql`. Versioned, so that old and new instances run beside each other. */
export type HotFunctionName = `${string}_v${number}`;

/** What can be asked of the pool and of an open transaction alike. */
export interface Queries {
  /**
   * Runs one hot function: one prepared statement, one round trip. Arguments go by the function's declared
   * types: an object becomes JSON, an array a PostgreSQL array (give JSON arrays as text), undefined NULL.
   * Resolves to the parsed result; instants in it stay text.
   */
  call(name: HotFunctionName, ...args: unknown[]): Promise<unknown>;
  /** Runs one statement and resolves to its rows. Instants are text, `2026-08-01T12:00:00.000000Z`. */
  query<Row extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Typed queries over the tables of schema `holdpoint`. */
  readonly kysely: Kysely<Schema>;
}

/** An open transaction. Use it, and never the pool, until the function that got it returns. */
export interface Transaction extends Queries {
  readonly client: pg.ClientBase;
  /** Runs `work` once the commit has succeeded, never after a rollback. Its errors are logged. */
  afterCommit(work: () => void): void;
}

/** One PostgreSQL database: a server's, or the embedded one. Everything in it runs as role `hp_app`. */
export interface Database extends Queries {
  readonly kind: "postgres" | "embedded";
  /** For libraries that want `pg`. The embedded database has one connection. */
  readonly pool: pg.Pool;
  /**
   * Like `call`, and repeated (six times, over about eight seconds) when the connection is lost, or when it has
   * lost a deadlock. Only for functions that give the same answer when they run twice with these arguments.
   */
  callIdempotent(name: HotFunctionName, ...args: unknown[]): Promise<unknown>;
  /**
   * Like `callIdempotent` for a function of one command, of which those that come while others are under way go together
   * in one transaction. `lock` names what the command locks first. The function gets `isGrouped` with a command that is
   * not alone, and may answer the code "alone": then it runs once more, by itself.
   */
  callGrouped(name: HotFunctionName, command: object, lock: string): Promise<unknown>;
  /** Commits when `work` resolves, rolls back when it rejects. `READ COMMITTED`. Does not nest. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** A session with the rights of the migrator, for DDL and setup only. In the embedded database the only session meanwhile. */
  ownerSession<T>(work: (owner: pg.ClientBase) => Promise<T>): Promise<T>;
  /**
   * Waits until nobody else on this database, in whatever process, holds `name`; then holds it until the session is
   * released or lost. Rejects with the signal's reason when that fires first.
   */
  elect(name: string, signal: AbortSignal): Promise<ExclusiveSession>;
  /**
   * Wakes every listener of every process on this database. At most 7,999 bytes; a longer payload becomes a
   * resync. Best effort: listeners poll as their safety net.
   */
  notify(payload: string): Promise<void>;
  /** Resolves once subscribed: what is committed later is announced. */
  listen(listener: Listener): Promise<{ close(): void }>;
  /** Waits for what runs, then closes connections, files and lock. Repeating it does nothing. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** `postgres://…`. Absent: the embedded database in `dataDir/postgres`. */
  url?: string;
  /** Where the owner of the tables connects, when that is another login. Default `url`. */
  ownerUrl?: string;
  /** Folder of the embedded database and its lock. */
  dataDir?: string;
  /** The embedded database without a disk: for tests. */
  inMemory?: boolean;
  /** Connections to a PostgreSQL server (HOLDPOINT_DATABASE_POOL). Default 10. */
  poolSize?: number;
  logger: DatabaseLogger;
}

/**
 * Opens the database of the service: a PostgreSQL server by `url`, else the embedded one. It is not migrated:
 * see `migrate`. Throws DatabaseOpenError, whose code says what is wrong and whose message what to do.
 */
export function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { url, ownerUrl, poolSize, dataDir, logger } = options;
  if (url !== undefined) return openPostgres({ url, ownerUrl, poolSize, logger });
  if (options.inMemory) return openEmbedded({ logger });
  if (dataDir === undefined) throw new TypeError("openDatabase needs one of: url, dataDir, inMemory.");
  return openEmbedded({ dataDir, logger });
}
