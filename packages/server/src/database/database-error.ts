import { HoldpointError } from "@holdpoint/protocol";

/**
 * What can be wrong with a database before the service can use it.
 *
 * - `data_dir_locked`: another live process has the embedded folder open.
 * - `data_dir_unusable`: the folder cannot be made, read or written.
 * - `data_dir_moved`: its rows are in another database now, or were on their way there.
 * - `disk_full`: no space left on the device that holds the folder.
 * - `database_unreachable`: no server answers there, or it refuses the credentials.
 * - `database_too_old`: PostgreSQL before 15.
 */
export type DatabaseOpenErrorCode =
  | "data_dir_locked"
  | "data_dir_unusable"
  | "data_dir_moved"
  | "disk_full"
  | "database_unreachable"
  | "database_too_old";

/** Opening failed; `message` says what happened, where, and what to do. Never carries a password. */
export class DatabaseOpenError extends HoldpointError {
  override name = "DatabaseOpenError";

  constructor(code: DatabaseOpenErrorCode, message: string, cause?: unknown) {
    super(message, { code, status: 503, retryable: code === "database_unreachable", cause });
  }
}

/**
 * The pool was used while the same flow of code held a transaction. With one connection that waits for
 * ever, with several it is a deadlock under load, so it is refused at once: pass the transaction instead.
 */
export class PoolInsideTransactionError extends HoldpointError {
  override name = "PoolInsideTransactionError";

  constructor() {
    super(
      "The database pool was used inside a transaction. Use the transaction that was passed to the function (tx.call, tx.query, tx.kysely): the pool would wait for the connection that this code holds.",
      { code: "pool_inside_transaction" },
    );
  }
}

/** No connection became free in time: something holds one for too long, or the pool is too small. */
export class DatabaseBusyError extends HoldpointError {
  override name = "DatabaseBusyError";

  constructor(waitedMs: number, poolSize: number, cause: unknown) {
    super(
      `No database connection became free within ${waitedMs} ms (pool of ${poolSize}). Either a transaction is held too long, or HOLDPOINT_DATABASE_POOL is too small for the load.`,
      { code: "database_busy", status: 503, retryable: true, cause },
    );
  }
}

/** The embedded database died under a statement (full disk, out of memory); the next statement reopens it. */
export class EmbeddedDatabaseDiedError extends HoldpointError {
  override name = "EmbeddedDatabaseDiedError";

  constructor(folder: string, lastWords: string, isDiskFull: boolean, cause: unknown) {
    const what = `The embedded database in ${folder} stopped in the middle of a statement (${lastWords || "it gave no reason"}).`;
    const remedy = isDiskFull ? " Its disk is full: free some space." : "";
    super(`${what}${remedy} What was acknowledged is safe; the next statement reopens the database.`, {
      code: isDiskFull ? "disk_full" : "database_died",
      status: 503,
      retryable: true,
      cause,
    });
  }
}

const CONNECTION_LOSS_CODES = new Set([
  "57P01", // admin_shutdown
  "57P02", // crash_shutdown
  "57P03", // cannot_connect_now
  "57P05", // idle_session_timeout
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "database_died",
]);

// pg reports a socket that closed under a query, or a client found dead, without a code.
const CONNECTION_LOSS_MESSAGES =
  /^(Connection terminated|Client has encountered a connection error|timeout expired)/;

/** True when the connection failed, not the statement: whether the statement took effect is then unknown. */
export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "string" && (code.startsWith("08") || CONNECTION_LOSS_CODES.has(code))) return true;
  return CONNECTION_LOSS_MESSAGES.test(error.message);
}

/**
 * True for the one of several that PostgreSQL has ended because they waited in a circle: nothing of it took effect. Locks are
 * taken in one order everywhere, so this is the net under that.
 */
export function isDeadlock(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "40P01";
}
