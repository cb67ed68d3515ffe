import { createId, type Hold } from "@holdpoint/protocol";
import type { Logger } from "pino";
import type { Database } from "../database/database.ts";
import { repeating } from "../database/repeating.ts";
import { Trouble } from "../database/trouble.ts";
import type { Wakeups } from "../events/wakeups.ts";
import type { Principals } from "../identity/principal.ts";
import type { PolicyDeps } from "../policies/ruling.ts";
import { carryOut, type Begun } from "./carry-out.ts";
import type { ExecutionRow, Transaction } from "./execution.ts";
import { TRANSACTION_ACTION, type DefinedService } from "./service.ts";
import { transact, type TransactRequest } from "./transact.ts";

/**
 * Transactions with the services of the config file.
 *
 * Owns: what is under way here, and the timer that looks for what nobody will report on. Does not own: any execution; a row
 * says that it was begun, and of any number of instances one begins it.
 */
export interface Transactions {
  findService(id: string): DefinedService | undefined;
  transact(request: TransactRequest): Promise<Transaction>;
  /** On a database of its own, what a predecessor had begun is unknown at once. */
  start(): Promise<void>;
  /** Lets what is under way end, as long as its service may take. */
  stop(): Promise<void>;
  /** Resolves to how many executions are unknown from now on (I2). */
  loseExecutions(): Promise<number>;
}

export interface TransactionsOptions extends PolicyDeps {
  services: readonly DefinedService[];
  database: Database;
  principals: Principals;
  wakeups: Wakeups;
  logger: Logger;
  published(orgId: string, hold: Hold): void;
  stopping: AbortSignal;
  /** Default 5 s. */
  intervalMs?: number;
}

const BATCH = 100;

interface Lost {
  lost: { orgId: string; executionId: string; holdId: string | null; serviceId: string }[];
}

export function createTransactions(options: TransactionsOptions): Transactions {
  const { database, wakeups, logger } = options;
  const services = new Map(options.services.map((service) => [service.id, service]));
  const underWay = new Set<Promise<ExecutionRow>>();
  const trouble = new Trouble(logger, "Lost executions could not be looked for; trying again.");

  async function lose(isAll: boolean): Promise<number> {
    let total = 0;
    for (;;) {
      const ids = Array.from({ length: BATCH }, () => createId("evt"));
      const { lost } = (await database.call("lose_executions_v1", isAll, TRANSACTION_ACTION, ids)) as Lost;
      for (const { executionId, holdId, serviceId } of lost)
        logger.error({ executionId, holdId }, `Nobody recorded how ${serviceId} ended; that is unknown.`);
      wakeups.publish(
        lost.flatMap(({ orgId, holdId }) => [`org:${orgId}`, ...(holdId === null ? [] : [`hold:${holdId}`])]),
      );
      total += lost.length;
      if (lost.length < BATCH) return total;
    }
  }

  function carryOutHere(begun: Begun): Promise<ExecutionRow> {
    const ended = carryOut(options, begun);
    underWay.add(ended);
    const over = (): boolean => underWay.delete(ended);
    ended.then(over, over);
    return ended;
  }

  const looking = repeating(
    async () => {
      await lose(false);
      trouble.over();
    },
    { intervalMs: options.intervalMs ?? 5_000, failed: (error) => trouble.met(error) },
  );

  const findService = (id: string): DefinedService | undefined => services.get(id);
  return {
    findService,
    transact: (request) => transact({ ...options, findService, carryOut: carryOutHere }, request),
    loseExecutions: () => lose(false),
    async start() {
      await lose(database.kind === "embedded");
      if (services.size > 0) looking.start();
    },
    async stop() {
      await looking.stop();
      await Promise.allSettled(underWay);
    },
  };
}
