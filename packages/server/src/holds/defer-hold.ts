import { createId, type Hold } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import type { RequestKey } from "./execution.ts";
import { renderHold } from "./hold-row.ts";
import { refusal, type HoldAnswer } from "./refusal.ts";

export interface DeferHoldDeps {
  database: Database;
  published(orgId: string, hold: Hold): void;
}

export interface DeferHoldRequest {
  credentialHash: string;
  holdId: string;
  /** False takes it up again. */
  isDeferred: boolean;
  idempotency?: RequestKey | undefined;
}

/**
 * Puts a pending hold off for the person who asks, or takes it up again. Decides nothing; its deadline runs on.
 *
 * Throws the refusal for a hold that is over, and for a credential without a person.
 */
export async function deferHold(deps: DeferHoldDeps, request: DeferHoldRequest): Promise<Hold> {
  const { idempotency, ...command } = request;
  const answer = (await deps.database.callIdempotent("defer_hold_v1", {
    ...command,
    idempotencyKey: idempotency?.key,
    bodyHash: idempotency?.bodyHash,
    eventId: createId("evt"),
    timeoutEventId: createId("evt"),
  })) as HoldAnswer & { now: string };
  if ((answer.code !== "ok" && answer.code !== "repeated") || answer.hold === undefined) {
    throw refusal(answer, request.holdId, request.isDeferred ? "put off" : "take up");
  }
  const hold = renderHold(answer.hold, answer.now);
  if (answer.code === "ok") deps.published(hold.orgId, hold);
  return hold;
}
