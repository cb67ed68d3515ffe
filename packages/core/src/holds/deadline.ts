import type { Tier } from "@holdpoint/protocol";
import { addSeconds, compareInstants } from "../instant.ts";

export interface TierTimes {
  /** When a person should have answered; a target, nothing happens at it. */
  respondWithinSeconds: number;
  /** When `onTimeout` takes effect. */
  timeoutSeconds: number;
}

/** Defaults of a hold's times by its tier (R42, R64 to R66). A hold of tier automated waits for nobody. */
export const TIER_TIMES = {
  automated: null,
  async_review: { respondWithinSeconds: 3_600, timeoutSeconds: 86_400 },
  sync_gate: { respondWithinSeconds: 300, timeoutSeconds: 300 },
  escalation: { respondWithinSeconds: 1_800, timeoutSeconds: 1_800 },
} as const satisfies Record<Tier, TierTimes | null>;

export interface Deadlines {
  respondBy: string | null;
  expiresAt: string | null;
}

/** When a hold made at `createdAt` should be answered and when it expires; the target is never after the deadline. */
export function deadlinesFor(tier: Tier, createdAt: string, timeoutSeconds?: number): Deadlines {
  const times = TIER_TIMES[tier];
  const timeout = timeoutSeconds ?? times?.timeoutSeconds;
  if (timeout === undefined) return { respondBy: null, expiresAt: null };
  const respondWithin = Math.min(timeout, times?.respondWithinSeconds ?? timeout);
  return { respondBy: addSeconds(createdAt, respondWithin), expiresAt: addSeconds(createdAt, timeout) };
}

/** I6: from the deadline on, the first microsecond included, nobody's decision counts. */
export function isOverdue(expiresAt: string | null, now: string): expiresAt is string {
  return expiresAt !== null && compareInstants(expiresAt, now) <= 0;
}
