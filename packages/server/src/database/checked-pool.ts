import pg from "pg";
import { DatabaseBusyError } from "./database-error.ts";
import type { DatabaseLogger } from "./database.ts";
import { assertOutsideTransaction } from "./transaction-scope.ts";

const PING_AFTER_IDLE_MS = 5_000;
const PING_TIMEOUT_MS = 2_000;

export interface CheckedPoolConfig extends pg.PoolConfig {
  logger: DatabaseLogger;
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
  readonly #idleSince = new WeakMap<pg.PoolClient, number>();

  constructor({ logger, ...config }: CheckedPoolConfig) {
    super(config);
    this.#logger = logger;
    this.on("release", (_error, client) => this.#idleSince.set(client, performance.now()));
    // An idle connection that dies is no error of anybody's statement; the pool has already dropped it.
    this.on("error", (error) =>
      logger.warn({ error: error.message }, "An idle database connection was lost."),
    );
  }

  /** How many connections are checked out now. */
  get checkedOutCount(): number {
    return this.totalCount - this.idleCount;
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
    if (idleSince === undefined || performance.now() - idleSince < PING_AFTER_IDLE_MS) return true;
    try {
      await client.query({ text: "select", query_timeout: PING_TIMEOUT_MS } as pg.QueryConfig);
      return true;
    } catch {
      return false;
    }
  }
}
