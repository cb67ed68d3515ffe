import { createId } from "@holdpoint/protocol";
import type { Logger } from "pino";
import type { Database } from "../database/database.ts";

const MONTHS_AHEAD = 2;
const DAY_MS = 86_400_000;

/**
 * Keeps the partitions of the log ahead of time: this month and the next two. What finds none lands in the default
 * partition, so a missed month costs nothing but a larger table. Resolves once they are there, before any event of this
 * start: a month that has events in the default partition gets none.
 */
export async function startPartitioning(database: Database, logger: Logger): Promise<() => void> {
  const ensure = (): Promise<void> =>
    ensurePartitions(database, new Date()).catch((error: unknown) => {
      logger.warn(
        { err: error },
        "Partitions of the log could not be made; the default one takes its events.",
      );
    });
  await ensure();
  const timer = setInterval(() => void ensure(), DAY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

export async function ensurePartitions(database: Database, now: Date): Promise<void> {
  for (let ahead = 0; ahead <= MONTHS_AHEAD; ahead++) {
    const start = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1);
    const end = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead + 1, 1);
    const suffix = new Date(start).toISOString().slice(0, 7).replace("-", "");
    await database.call("ensure_event_partition_v1", suffix, firstIdAt(start), firstIdAt(end));
  }
}

/** The smallest event id of that millisecond: ids carry their time. */
function firstIdAt(timeMs: number): string {
  return createId("evt", { now: timeMs, random: (length) => new Uint8Array(length) });
}
