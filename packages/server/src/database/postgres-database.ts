import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { CheckedPool } from "./checked-pool.ts";
import { connectionOptions, renderUrl } from "./connection-options.ts";
import type { Database, DatabaseLogger } from "./database.ts";
import { DatabaseOpenError } from "./database-error.ts";
import { postgresElection } from "./exclusive-session.ts";
import { PooledDatabase } from "./pooled-database.ts";
import { PostgresNotifications } from "./postgres-notifications.ts";

/** The role of the service at work, always under row-level security (I7). */
const APP_ROLE = "hp_app";
const MINIMUM_VERSION = 15;
const DEFAULT_POOL_SIZE = 10;
/** SQLSTATE of a server that is still starting: worth waiting for, everything else is not. */
const CANNOT_CONNECT_NOW = "57P03";
const STARTING_SERVER_ATTEMPTS = 60;

export interface PostgresOptions {
  url: string;
  ownerUrl?: string | undefined;
  poolSize?: number | undefined;
  logger: DatabaseLogger;
}

/**
 * Opens a database on a PostgreSQL server. The server is asked for its version, so a wrong URL is found here.
 * The pool connects at first use: before the first migration the role it starts in does not exist.
 */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const { url, ownerUrl = url, logger, poolSize = DEFAULT_POOL_SIZE } = options;
  for (const given of [url, ownerUrl]) assertPostgresUrl(given);
  await assertVersion(ownerUrl);
  const app = connectionOptions(url, APP_ROLE);
  return new PooledDatabase({
    kind: "postgres",
    pool: new CheckedPool({ ...app, max: poolSize, logger }),
    notifications: new PostgresNotifications(app, logger),
    logger,
    elect: postgresElection(app, logger),
    ownerSession: (work) => withOwnerConnection(ownerUrl, work),
    close: async () => {},
  });
}

/** Runs `work` on a connection of its own, in the login's own role. */
export async function withOwnerConnection<T>(
  url: string,
  work: (owner: pg.ClientBase) => Promise<T>,
): Promise<T> {
  const owner = new pg.Client(connectionOptions(url));
  // A connection that dies between two statements fails the next one; without a listener it would end the process.
  owner.on("error", () => {});
  await owner.connect();
  try {
    return await work(owner);
  } finally {
    await owner.end();
  }
}

function assertPostgresUrl(url: string): void {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new DatabaseOpenError(
      "database_unreachable",
      `The database URL is not of the form postgres://user:password@host:5432/database: ${renderUrl(url)}. Correct DATABASE_URL, or leave it out to use the embedded database.`,
    );
  }
}

async function assertVersion(url: string): Promise<void> {
  const version = await readVersion(url);
  if (version < MINIMUM_VERSION * 10_000) {
    throw new DatabaseOpenError(
      "database_too_old",
      `${renderUrl(url)} is PostgreSQL ${Math.floor(version / 10_000)}; Holdpoint needs ${MINIMUM_VERSION} or newer. Upgrade the server, or point DATABASE_URL to another one.`,
    );
  }
}

async function readVersion(url: string): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await withOwnerConnection(url, async (owner) => {
        const { rows } = await owner.query<{ version: number }>(
          "select current_setting('server_version_num')::int as version",
        );
        return rows[0]?.version ?? 0;
      });
    } catch (error) {
      const isStarting = error instanceof Error && "code" in error && error.code === CANNOT_CONNECT_NOW;
      if (!isStarting || attempt === STARTING_SERVER_ATTEMPTS) throw unreachable(url, error);
      await delay(500);
    }
  }
}

function unreachable(url: string, cause: unknown): DatabaseOpenError {
  const reason =
    cause instanceof AggregateError
      ? cause.errors.map(String).join("; ")
      : cause instanceof Error
        ? cause.message
        : String(cause);
  return new DatabaseOpenError(
    "database_unreachable",
    `Cannot connect to ${renderUrl(url)}: ${reason}. Check that the server runs there, and user, password and database in DATABASE_URL.`,
    cause,
  );
}
