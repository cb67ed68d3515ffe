import { HoldpointError } from "@holdpoint/protocol";
import { setTimeout as delay } from "node:timers/promises";
import { isConnectionLoss } from "../database/database-error.ts";
import type { CallRow } from "./run-row.ts";
import type { RunWork } from "./run-work.ts";

const RECORD_AGAIN_MS = 1_000;

/**
 * Writes down how an attempt of a call has ended, however long the database is away meanwhile: forgotten here, nobody would
 * know it (I2). The attempt fences it, so that it may come late. Ends without success when the service stops, or when the
 * call was taken for unknown by then.
 */
export async function untilRecorded<T>(work: RunWork, call: CallRow, write: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!isPassing(error) || work.stopping.aborted) throw error;
      work.logger.error(
        { err: error, holdId: call.hold_id, toolCallId: call.id },
        `How ${call.name} has ended cannot be recorded yet; trying again.`,
      );
      await delay(RECORD_AGAIN_MS);
    }
  }
}

/** The store is away, dead, full or busy: not for ever. */
function isPassing(error: unknown): boolean {
  return isConnectionLoss(error) || (HoldpointError.isInstance(error) && error.retryable);
}
