import pg from "pg";
import { DatabaseBusyError } from "./database-error.ts";
import type { DatabaseLogger } from "./database.ts";
import { assertOutsideTransaction } from "./transaction-scope.ts";

const PING_AFTER_IDLE_MS = 5_000;
const PING_TIMEOUT_MS = 2_000;

export interface CheckedPoolConfig extends pg.PoolConfig {
  logger: DatabaseLogger;
  /** A connection that was idle for so long is pinged before it is handed out. Default PING_AFTER_IDLE_MS. */
  pingAfterIdleMs?: number;
  /** Default PING_TIMEOUT_MS. */
  pingTimeoutMs?: number;
}

type ConnectCallback = (
  error: Error | undefined,
  client?: pg.PoolClient,
  release?: pg.PoolClient["release"],
) => void;

/**
 * A `pg.Pool` that hands out only connections fit for use: alive (pinged after idling), outside any
 * transaction, and never to code that already holds one.
 */
export class CheckedPool extends pg.Pool {
  readonly #logger: DatabaseLogger;
  readonly #pingAfterIdleMs: number;
  readonly #pingTimeoutMs: number;
  readonly #idleSince = new WeakMap<pg.PoolClient, number>();

  constructor({
    logger,
    pingAfterIdleMs = PING_AFTER_IDLE_MS,
    pingTimeoutMs = PING_TIMEOUT_MS,
    ...config
  }: CheckedPoolConfig) {
    super(config);
    this.#logger = logger;
    this.#pingAfterIdleMs = pingAfterIdleMs;
    this.#pingTimeoutMs = pingTimeoutMs;
    this.on("release", (_error, client) => this.#idleSince.set(client, performance.now()));
    // A connection may die in the very chunk of bytes that made it free, before its next user can listen; without a
    // listener that would end the process. Its next statement says what happened.
    this.on("connect", (client) => client.on("error", () => {}));
    // An idle connection that dies is no error of anybody's statement; the pool has already dropped it.
    this.on("error", (error) =>
      logger.warn({ error: error.message }, "An idle database connection was lost."),
    );
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | void {
    const client = this.#checkOut();
    if (!callback) return client;
    // oxlint-disable promise/no-callback-in-promise -- pg.Pool.query calls this form
    client.then(
      (connected) => callback(undefined, connected, (error) => connected.release(error)),
      (error: Error) => callback(error),
    );
    // oxlint-enable promise/no-callback-in-promise
  }

  async #checkOut(): Promise<pg.PoolClient> {
    assertOutsideTransaction(this);
    for (;;) {
      const client = await this.#take();
      if (client.getTransactionStatus() !== "I" && client.getTransactionStatus() !== null) {
        this.#logger.error(
          {},
          "A database connection came back to the pool inside a transaction; it was rolled back and closed.",
        );
        client.release(true);
      } else if (await this.#isAlive(client)) {
        return client;
      } else {
        client.release(true);
      }
    }
  }

  async #take(): Promise<pg.PoolClient> {
    try {
      return await super.connect();
    } catch (error) {
      const isWaitTimeout =
        error instanceof Error && error.message === "timeout exceeded when trying to connect";
      if (isWaitTimeout)
        throw new DatabaseBusyError(this.options.connectionTimeoutMillis ?? 0, this.options.max, error);
      throw error;
    }
  }

  async #isAlive(client: pg.PoolClient): Promise<boolean> {
    const idleSince = this.#idleSince.get(client);
    if (idleSince === undefined || performance.now() - idleSince < this.#pingAfterIdleMs) return true;
    try {
      await client.query({ text: "select", query_timeout: this.#pingTimeoutMs } as pg.QueryConfig);
      return true;
    } catch {
      return false;
    }
  }
}
