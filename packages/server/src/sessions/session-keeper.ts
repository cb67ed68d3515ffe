import type { Logger } from "pino";
import type { Database } from "../database/database.ts";
import { repeating, type Repeating } from "../database/repeating.ts";
import { Trouble } from "../database/trouble.ts";
import type { Wakeups } from "../events/wakeups.ts";
import { ProblemError } from "../problem.ts";
import { deleteSession } from "./delete-session.ts";

/**
 * Looks after sessions: deletes those whose time is over, finishes deletions that somebody began, and lets go of runs that
 * wait for one that has ended.
 *
 * Owns: nothing but a timer. Any number of instances may do it at once: each step of a deletion is one transaction, and
 * repeating it is harmless.
 */
export interface SessionKeeper extends Repeating {
  /** Deletes what is due now, a batch; resolves to how many sessions were deleted. */
  deleteDue(): Promise<number>;
}

export interface SessionKeeperOptions {
  database: Database;
  wakeups: Pick<Wakeups, "publish">;
  logger: Logger;
  /** How long a session is kept after its last use. Undefined: for ever. */
  sessionsDays: number | undefined;
  /** Default 30 s. */
  intervalMs?: number;
}

interface Due {
  orgId: string;
  sessionId: string;
}

const BATCH = 50;

export function createSessionKeeper(options: SessionKeeperOptions): SessionKeeper {
  const { database, wakeups, logger, sessionsDays } = options;
  const trouble = new Trouble(logger, "Deleting sessions failed; trying again every half a minute.");
  const stopping = new AbortController();

  async function deleteDue(): Promise<number> {
    const due = (await database.call("sessions_to_delete_v1", sessionsDays ?? null, BATCH)) as Due[];
    let deleted = 0;
    for (const one of due) if (!stopping.signal.aborted && (await deleteOne(one))) deleted += 1;
    return deleted;
  }

  async function deleteOne({ orgId, sessionId }: Due): Promise<boolean> {
    try {
      const { runs, holds, entries } = await deleteSession(
        database,
        { retentionOrgId: orgId, unusedDays: sessionsDays },
        sessionId,
      );
      logger.info({ orgId, runs, holds, entries }, "Deleted a session.");
      wakeups.publish([`org:${orgId}`]);
      return true;
    } catch (error) {
      // Somebody else has deleted it, or used it again, or its last events are on their way into the log.
      const isPassing =
        ProblemError.isInstance(error) && ["not_found", "session_busy", "in_progress"].includes(error.code);
      // Another one's trouble does not keep this one.
      if (!isPassing) met(error);
      return false;
    }
  }

  /** Whatever ends a run lets the next one of its session go; this is the net under it. */
  async function letForgottenRunsGo(): Promise<void> {
    const count = Number(await database.call("let_forgotten_runs_v1"));
    if (count === 0) return;
    logger.error({ count }, "Runs waited for runs that had ended; they go on now.");
    wakeups.publish(["advance"]);
  }

  let isTroubled = false;
  function met(error: unknown): void {
    isTroubled = true;
    trouble.met(error);
  }

  async function keep(): Promise<void> {
    isTroubled = false;
    await letForgottenRunsGo();
    while ((await deleteDue()) === BATCH);
    if (!isTroubled) trouble.over();
  }

  const keeping = repeating(keep, { intervalMs: options.intervalMs ?? 30_000, failed: met });
  return {
    deleteDue,
    start: () => keeping.start(),
    stop() {
      stopping.abort();
      return keeping.stop();
    },
  };
}
