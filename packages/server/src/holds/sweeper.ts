import { createId } from "@holdpoint/protocol";
import type { Logger } from "pino";
import type { Database } from "../database/database.ts";
import type { Wakeups } from "../events/wakeups.ts";

/**
 * Ends holds whose deadline has passed.
 *
 * Owns: nothing but a timer. Any number of instances sweep at once; SKIP LOCKED keeps them apart. That a decision
 * after the deadline does not count is not the sweeper's doing but decide_v1's (I6): when every sweeper is down, the
 * effects come late, and nothing is approved.
 */
export interface Sweeper {
  start(): void;
  stop(): Promise<void>;
  /** Ends what is due now; resolves to how many holds were touched. */
  sweep(): Promise<number>;
}

export interface SweeperOptions {
  database: Database;
  wakeups: Wakeups;
  logger: Logger;
  /** The slow poll under the exact timer. Default 1 s. */
  intervalMs?: number;
}

interface Swept {
  expired: {
    orgId: string;
    holdId: string;
    runId: string | null;
    status: string;
    kind: string;
    title: string;
  }[];
}

const BATCH = 200;

export function createSweeper(options: SweeperOptions): Sweeper {
  const { database, wakeups, logger } = options;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let isStopped = true;

  async function sweep(): Promise<number> {
    let total = 0;
    for (;;) {
      const ids = Array.from({ length: BATCH }, () => createId("evt"));
      const { expired } = (await database.call("expire_due_v1", ids)) as Swept;
      for (const hold of expired)
        logger.warn({ ...hold }, "A hold's deadline has passed without a decision.");
      wakeups.publish(
        expired.flatMap(({ orgId, holdId, runId }) => [
          `hold:${holdId}`,
          `org:${orgId}`,
          ...(runId === null ? [] : [`run:${runId}`, "advance"]),
        ]),
      );
      total += expired.length;
      if (expired.length < BATCH) return total;
    }
  }

  function schedule(): void {
    if (isStopped) return;
    timer = setTimeout(() => {
      running = sweep()
        .catch((error: unknown) => logger.error({ err: error }, "Sweeping deadlines failed; trying again."))
        .then(schedule);
    }, options.intervalMs ?? 1_000);
  }

  return {
    sweep,
    start() {
      isStopped = false;
      schedule();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
