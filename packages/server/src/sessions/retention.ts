import type { Logger } from "pino";
import type { Database } from "../database/database.ts";
import { Trouble } from "../database/trouble.ts";
import type { Wakeups } from "../events/wakeups.ts";
import { deleteSession } from "./delete-session.ts";

/**
 * Deletes sessions whose time is over, finishes deletions that somebody began, and lets go of runs that wait for nobody.
 *
 * Owns: nothing but a timer. Any number of instances may do it at once: each step of a deletion is one transaction, and
 * repeating it is harmless.
 */
export interface Retention {
  start(): void;
  stop(): Promise<void>;
  /** Resolves to how many sessions were deleted. */
  sweep(): Promise<number>;
}

export interface RetentionOptions {
  database: Database;
  wakeups: Pick<Wakeups, "publish">;
  logger: Logger;
  /** How long a session is kept after its last use. Undefined: for ever. */
  sessionDays: number | undefined;
  /** Default 30 s. */
  intervalMs?: number;
}

const BATCH = 50;

export function createRetention(options: RetentionOptions): Retention {
  const { database, wakeups, logger, sessionDays } = options;
  const trouble = new Trouble(logger, "Deleting sessions failed; trying again every half a minute.");
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let isStopped = true;

  async function sweep(): Promise<number> {
    const due = (await database.call("sessions_to_delete_v1", sessionDays ?? null, BATCH)) as {
      orgId: string;
      sessionId: string;
    }[];
    let deleted = 0;
    let failure: unknown;
    for (const { orgId, sessionId } of due) {
      try {
        const { runs, holds, entries } = await deleteSession(database, { retentionOrgId: orgId }, sessionId);
        logger.info({ orgId, runs, holds, entries }, "Deleted a session.");
        wakeups.publish([`org:${orgId}`]);
        deleted += 1;
      } catch (error) {
        // The others are not kept by it. Somebody else may have deleted it, or used it again.
        failure ??= error;
      }
    }
    if (failure !== undefined && deleted === 0) throw failure;
    return deleted;
  }

  /** Whatever ends a run lets the next one of its session go; this is the net under it. */
  async function letForgottenRunsGo(): Promise<void> {
    const count = (await database.call("let_forgotten_runs_v1")) as number;
    if (count === 0) return;
    logger.error({ count }, "Runs waited for runs that had ended; they go on now.");
    wakeups.publish(["advance"]);
  }

  async function sweepAll(): Promise<void> {
    await letForgottenRunsGo();
    while ((await sweep()) === BATCH && !isStopped);
  }

  function schedule(): void {
    if (isStopped) return;
    timer = setTimeout(() => {
      running = sweepAll()
        .then(
          () => trouble.over(),
          (error: unknown) => trouble.met(error),
        )
        .then(schedule);
    }, options.intervalMs ?? 30_000);
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
