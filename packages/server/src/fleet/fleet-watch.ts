import { createId, type OrderScope } from "@holdpoint/protocol";
import type { Logger } from "pino";
import type { Database } from "../database/database.ts";
import { repeating, type Repeating } from "../database/repeating.ts";
import { Trouble } from "../database/trouble.ts";
import type { Wakeups } from "../events/wakeups.ts";
import { applyOrder } from "./standing-orders.ts";

/**
 * Looks after what nobody else does: pauses that a dead instance left half carried out, runs elsewhere that fell silent, and
 * calls whose process died after their run was cancelled.
 *
 * Owns: nothing but a timer. Any number of instances look at once; each finding is written under its own row's lock.
 */
export interface FleetWatch extends Repeating {
  /** Looks now. */
  look(): Promise<void>;
}

export interface FleetWatchOptions {
  database: Database;
  wakeups: Pick<Wakeups, "publish">;
  logger: Logger;
  /** Default 1 s. */
  intervalMs?: number;
}

interface DueRun {
  orgId: string;
  runId: string;
}
interface Due {
  orders: { orgId: string; scope: OrderScope; subject: string }[];
  runs: DueRun[];
  hasLostCalls: boolean;
}
interface LostCall extends DueRun {
  holdId: string | null;
  name: string;
}

const BATCH = 200;

export function createFleetWatch(options: FleetWatchOptions): FleetWatch {
  const { database, wakeups, logger } = options;
  const trouble = new Trouble(logger, "Looking after runs failed; trying again every second.");
  async function tendExternalRuns(due: readonly DueRun[]): Promise<void> {
    for (const { orgId, runId } of due) {
      const eventIds = [createId("evt"), createId("evt")];
      const { isLost, holdIds } = (await database.callIdempotent("tend_external_run_v1", {
        orgId,
        runId,
        eventIds,
      })) as { isLost: boolean; holdIds?: string[] };
      const marked = isLost ? (holdIds ?? []).map((id) => `hold:${id}`) : [];
      wakeups.publish([`run:${runId}`, `org:${orgId}`, ...marked]);
      if (isLost) logger.warn({ runId, holdIds }, "Nothing is heard of a run elsewhere; it counts as lost.");
    }
  }

  async function loseCalls(): Promise<void> {
    for (;;) {
      const ids = Array.from({ length: BATCH }, () => createId("evt"));
      const { lost, isMore } = (await database.call("lose_calls_v1", ids)) as {
        lost: LostCall[];
        isMore: boolean;
      };
      for (const { runId, holdId, name } of lost)
        logger.error(
          { runId, holdId },
          `${name} was in flight when its run was cancelled, and its process died; whether it was executed is unknown.`,
        );
      wakeups.publish(
        lost.flatMap(({ orgId, runId, holdId }) => [
          `run:${runId}`,
          `org:${orgId}`,
          ...(holdId === null ? [] : [`hold:${holdId}`]),
        ]),
      );
      if (!isMore) return;
    }
  }

  async function look(): Promise<void> {
    const { orders, runs, hasLostCalls } = (await database.call("fleet_due_v1", BATCH)) as Due;
    for (const order of orders) await applyOrder({ database, wakeups }, order);
    await tendExternalRuns(runs);
    if (hasLostCalls) await loseCalls();
  }

  const looking = repeating(
    async () => {
      await look();
      trouble.over();
    },
    { intervalMs: options.intervalMs ?? 1_000, failed: (error) => trouble.met(error) },
  );
  return { look, ...looking };
}
