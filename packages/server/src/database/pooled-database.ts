import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from "kysely";
import type pg from "pg";
import { setTimeout as delay } from "node:timers/promises";
import type { CheckedPool } from "./checked-pool.ts";
import type { Database, DatabaseLogger, HotFunctionName, Transaction } from "./database.ts";
import { isConnectionLoss, isDeadlock } from "./database-error.ts";
import { localElection, type Elect, type ExclusiveSession } from "./exclusive-session.ts";
import { GroupedCalls } from "./grouped-calls.ts";
import type { Listener, Notifications } from "./notifications.ts";
import type { Schema } from "./schema.ts";
import { runHotFunction, runQuery } from "./statement.ts";
import { assertOutsideTransaction, runInTransactionScope } from "./transaction-scope.ts";

/** Waits before the next attempt of an idempotent call, in milliseconds, each with up to half as much again. */
const RETRY_DELAYS_MS = [20, 100, 400, 1_000, 2_000, 3_000];

/** Groups of one function under way at a time. More of them would be smaller ones: on two cores 907, 798 and 690 cycles/s of P1 with 1, 2 and 4. */
const LANES = 1;

/** What the two kinds of database do differently. */
export interface DatabaseParts {
  readonly kind: Database["kind"];
  readonly pool: CheckedPool;
  readonly notifications: Notifications;
  readonly logger: DatabaseLogger;
  /** Absent: this process is the only one. */
  readonly elect?: Elect;
  ownerSession<T>(work: (owner: pg.ClientBase) => Promise<T>): Promise<T>;
  /** Ends what uses the pool by itself, before the pool closes. */
  stopUpkeep?(): Promise<void>;
  /** Closes what lies below the pool. */
  close(): Promise<void>;
}

/** A database over one pool of `pg`. */
export class PooledDatabase implements Database {
  readonly kind: Database["kind"];
  readonly pool: CheckedPool;
  readonly kysely: Kysely<Schema>;
  readonly #parts: DatabaseParts;
  readonly #elect: Elect;
  readonly #grouped = new Map<HotFunctionName, GroupedCalls>();
  #closing: Promise<void> | undefined;

  constructor(parts: DatabaseParts) {
    this.#parts = parts;
    this.kind = parts.kind;
    this.pool = parts.pool;
    this.kysely = kyselyOver(parts.pool);
    this.#elect = parts.elect ?? localElection((name, ...args) => this.call(name, ...args));
  }

  call(name: HotFunctionName, ...args: unknown[]): Promise<unknown> {
    return this.#withClient((client) => runHotFunction(client, name, args));
  }

  async callIdempotent(name: HotFunctionName, ...args: unknown[]): Promise<unknown> {
    for (const delayMs of RETRY_DELAYS_MS) {
      try {
        return await this.call(name, ...args);
      } catch (error) {
        const isLost = isConnectionLoss(error);
        if (!isLost && !isDeadlock(error)) throw error;
        const what = isLost ? "The database connection was lost" : `${name} waited in a circle`;
        this.#parts.logger.warn({ err: error, name, delayMs }, `${what}; trying again.`);
      }
      await delay(delayMs * (1 + Math.random() / 2));
    }
    return this.call(name, ...args);
  }

  async callGrouped(name: HotFunctionName, command: object, lock: string): Promise<unknown> {
    assertOutsideTransaction(this.pool);
    const known = this.#grouped.get(name);
    if (known !== undefined) return known.call(command, lock);
    const grouped = new GroupedCalls({
      name,
      lanes: LANES,
      withClient: (work) => this.#withClient(work),
      callIdempotent: (...idempotent) => this.callIdempotent(...idempotent),
    });
    this.#grouped.set(name, grouped);
    return grouped.call(command, lock);
  }

  query<Row extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]> {
    return this.#withClient((client) => runQuery<Row>(client, text, values));
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const afterCommit: (() => void)[] = [];
    const result = await this.#withClient(async (client) => {
      await client.query("begin");
      try {
        const tx = transactionOver(client, (callback) => afterCommit.push(callback));
        const value = await runInTransactionScope(this.pool, () => work(tx));
        const { command } = await client.query("commit");
        // A statement failed and its error was caught: PostgreSQL answers COMMIT with a rollback.
        if (command !== "COMMIT")
          throw new Error("A statement of this transaction failed; it was rolled back.");
        return value;
      } catch (error) {
        if (client.getTransactionStatus() !== "I" && !isConnectionLoss(error)) await client.query("rollback");
        throw error;
      }
    });
    for (const callback of afterCommit) {
      try {
        callback();
      } catch (error) {
        this.#parts.logger.error({ err: error }, "Work after a commit failed.");
      }
    }
    return result;
  }

  ownerSession<T>(work: (owner: pg.ClientBase) => Promise<T>): Promise<T> {
    return this.#parts.ownerSession((owner) => runInTransactionScope(this.pool, () => work(owner)));
  }

  elect(name: string, signal: AbortSignal): Promise<ExclusiveSession> {
    return this.#elect(name, signal);
  }

  notify(payload: string): Promise<void> {
    return this.#parts.notifications.notify(payload);
  }

  listen(listener: Listener): Promise<{ close(): void }> {
    return this.#parts.notifications.listen(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#parts.notifications.close();
    await this.#parts.stopUpkeep?.();
    await this.pool.end();
    await this.#parts.close();
  }

  /** Only a lost connection, or one left in a transaction, is thrown away; a failed statement costs none. */
  async #withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    // Without a listener a socket that dies between two statements would end the process.
    let loss: Error | undefined;
    const onError = (error: Error): void => void (loss = error);
    client.on("error", onError);
    try {
      return await work(client);
    } catch (error) {
      if (isConnectionLoss(error)) loss ??= error as Error;
      throw error;
    } finally {
      client.removeListener("error", onError);
      const status = client.getTransactionStatus();
      client.release(loss ?? (status === "T" || status === "E"));
    }
  }
}

function kyselyOver(pool: PostgresPool): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) }).withSchema("holdpoint");
}

function transactionOver(client: pg.PoolClient, afterCommit: (work: () => void) => void): Transaction {
  let kysely: Kysely<Schema> | undefined;
  return {
    client,
    afterCommit,
    call: (name, ...args) => runHotFunction(client, name, args),
    query: (text, values) => runQuery(client, text, values),
    get kysely() {
      kysely ??= kyselyOver({
        connect: async () => borrow(client),
        end: async () => {},
        options: {},
      });
      return kysely;
    },
  };
}

/** The transaction's client as Kysely wants one, which may not release it. */
function borrow(client: pg.PoolClient): PostgresPoolClient {
  return { query: client.query.bind(client), release: () => {} };
}
