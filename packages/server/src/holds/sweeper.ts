import { createId } from "@holdpoint/protocol";
import type { Logger } from "pino";
import type { Database } from "../database/database.ts";
import { repeating, type Repeating } from "../database/repeating.ts";
import { Trouble } from "../database/trouble.ts";
import { endUserTopic, type Wakeups } from "../events/wakeups.ts";

/**
 * Ends holds whose deadline has passed, and calls unknown what an agent elsewhere claimed and never reported on.
 *
 * Owns: nothing but a timer. Any number of instances sweep at once; SKIP LOCKED keeps them apart. That a decision
 * after the deadline does not count is not the sweeper's doing but decide_v1's (I6): when every sweeper is down, the
 * effects come late, and nothing is approved.
 */
export interface Sweeper extends Repeating {
  /** Ends what is due now; resolves to how many holds were touched. */
  sweep(): Promise<number>;
  /** Asks whom it is time to ask, and reminds; resolves to how many steps were taken. */
  takeSteps(): Promise<number>;
  /** Resolves to how many claimed executions are unknown from now on (I2). A late report still settles them. */
  loseClaims(): Promise<number>;
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
    endUserId: string | null;
  }[];
}

interface Steps {
  taken: { orgId: string; holdId: string; isReminder: boolean; endUserId: string | null }[];
}

interface Lost {
  lost: { orgId: string; holdId: string; name: string }[];
  upTo: string | null;
}

const BATCH = 200;
/** An execution may take longer than its claim (5 minutes), which only says when it must have begun. */
const EXECUTION_GRACE_SECONDS = 600;
const LOOK_FOR_LOST_EVERY_MS = 30_000;

export function createSweeper(options: SweeperOptions): Sweeper {
  const { database, wakeups, logger } = options;
  const trouble = new Trouble(logger, "Sweeping deadlines failed; trying again every second.");
  async function sweep(): Promise<number> {
    let total = 0;
    for (;;) {
      const ids = Array.from({ length: BATCH }, () => createId("evt"));
      const { expired } = (await database.call("expire_due_v1", ids)) as Swept;
      // Without whose it is: the log of the process is nobody's who may read about end users.
      for (const { endUserId: _endUserId, ...hold } of expired)
        logger.warn(hold, "A hold's deadline has passed without a decision.");
      wakeups.publish(
        expired.flatMap(({ orgId, holdId, runId, endUserId }) => [
          `hold:${holdId}`,
          `org:${orgId}`,
          ...(endUserId === null ? [] : [endUserTopic(orgId, endUserId)]),
          ...(runId === null ? [] : [`run:${runId}`, "advance"]),
        ]),
      );
      total += expired.length;
      if (expired.length < BATCH) return total;
    }
  }

  async function takeSteps(): Promise<number> {
    let total = 0;
    for (;;) {
      const ids = Array.from({ length: BATCH }, () => createId("evt"));
      const { taken } = (await database.call("take_steps_v1", ids)) as Steps;
      for (const { holdId, isReminder } of taken)
        logger.info(
          { holdId },
          isReminder ? "A hold still waits." : "A hold still waits: more people are asked.",
        );
      wakeups.publish(
        taken.flatMap(({ orgId, holdId, endUserId }) => [
          `hold:${holdId}`,
          `org:${orgId}`,
          ...(endUserId === null ? [] : [endUserTopic(orgId, endUserId)]),
        ]),
      );
      total += taken.length;
      // A hold may have missed several steps, which come one at a time.
      if (taken.length === 0) return total;
    }
  }

  let lostUpTo: string | null = null;
  let lookedForLostAt = -Infinity;

  async function loseClaims(): Promise<number> {
    let total = 0;
    for (;;) {
      const ids = Array.from({ length: BATCH }, () => createId("evt"));
      const answer = (await database.call("lose_claims_v1", lostUpTo, EXECUTION_GRACE_SECONDS, ids)) as Lost;
      for (const { holdId, name } of answer.lost)
        logger.error({ holdId }, `Nobody reported how ${name} ended; whether it was executed is unknown.`);
      wakeups.publish(answer.lost.flatMap(({ orgId, holdId }) => [`hold:${holdId}`, `org:${orgId}`]));
      lostUpTo = answer.upTo;
      total += answer.lost.length;
      if (answer.lost.length < BATCH) return total;
    }
  }

  async function sweepAll(): Promise<void> {
    await sweep();
    await takeSteps();
    if (performance.now() - lookedForLostAt < LOOK_FOR_LOST_EVERY_MS) return;
    lookedForLostAt = performance.now();
    await loseClaims();
  }

  const sweeping = repeating(
    async () => {
      await sweepAll();
      trouble.over();
    },
    { intervalMs: options.intervalMs ?? 1_000, failed: (error) => trouble.met(error) },
  );

  return { sweep, takeSteps, loseClaims, ...sweeping };
}
