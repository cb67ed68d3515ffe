import { nextHoldStatus, type HoldStatus, type Outcome } from "@holdpoint/protocol";
import { assertNever } from "../assert-never.ts";
import { addSeconds } from "../instant.ts";
import { isOverdue } from "./deadline.ts";
import { endEffects } from "./end-effects.ts";
import type { HoldTransition } from "./hold-command.ts";
import type { HoldState } from "./hold-state.ts";

const TIMEOUT: Outcome["by"] = { id: "system", name: "timeout", via: "timeout", verifiedBy: null };

/**
 * Lets `onTimeout` take effect when the deadline has passed; otherwise the hold comes back as it is, without effects.
 *
 * I6: reject and skip end in `expired`; approve, for a reversible action only, in `approved`; hold takes the deadline
 * away; escalate moves the hold to the end of the ladder with a new deadline, after which it is rejected.
 */
export function applyTimeout(hold: HoldState, now: string): HoldTransition {
  if (hold.status !== "pending" || !isOverdue(hold.expiresAt, now)) return { next: hold, effects: [] };
  switch (hold.onTimeout) {
    case "reject":
    case "skip":
      return expire(hold, hold.expiresAt);
    case "approve":
      return approve(hold, hold.expiresAt) ?? expire(hold, hold.expiresAt);
    case "hold":
      return keep(hold);
    case "escalate": {
      const escalated = escalate(hold, hold.expiresAt);
      const later = applyTimeout(escalated.next, now); // the new deadline may have passed as well
      return { next: later.next, effects: [...escalated.effects, ...later.effects] };
    }
    default:
      return assertNever(hold.onTimeout);
  }
}

/** What a reader is shown at `now`, whether or not the sweeper has been there (I6). */
export function effectiveStatus(hold: HoldState, now: string): HoldStatus {
  return applyTimeout(hold, now).next.status;
}

function expire(hold: HoldState, expiresAt: string): HoldTransition {
  return end(hold, "expired", expiresAt, null);
}

/** Undefined where time must not approve: configuration refuses that too, but a stored row is not trusted (R96). */
function approve(hold: HoldState, expiresAt: string): HoldTransition | undefined {
  const status = nextHoldStatus("timeoutApprove", hold.kind, hold.status);
  if (status === undefined || hold.action?.reversibility !== "reversible") return undefined;
  return end(hold, status, expiresAt, hold.action);
}

function end(hold: HoldState, status: HoldStatus, at: string, approved: HoldState["action"]): HoldTransition {
  const outcome: Outcome = {
    verdict: approved === null ? null : "approve",
    arguments: approved?.arguments ?? null,
    actionHash: approved?.hash ?? null,
    answer: null,
    comment: null,
    selfDecided: false,
    by: TIMEOUT,
  };
  const next: HoldState = {
    ...hold,
    status,
    decidedAt: at,
    outcome,
    fulfilment: approved === null ? "none" : "waiting",
    version: hold.version + 1,
  };
  return { next, effects: endEffects(next, "hold.expired") };
}

function keep(hold: HoldState): HoldTransition {
  return {
    next: { ...hold, expiresAt: null, version: hold.version + 1 },
    effects: [
      { type: "record", event: "hold.kept", decision: null, by: TIMEOUT, rationale: null },
      { type: "schedule", at: null },
    ],
  };
}

/** The new deadline counts from the old one, so that a late sweeper gives nobody more time. */
function escalate(hold: HoldState, expiresAt: string): HoldTransition {
  const next: HoldState = {
    ...hold,
    tier: "escalation",
    route: hold.ladderEnd.route,
    ladderEnd: { ...hold.ladderEnd, askedAt: null },
    votes: [], // they were of those who were asked before (I8)
    expiresAt: addSeconds(expiresAt, hold.ladderEnd.timeoutSeconds),
    onTimeout: "reject",
    version: hold.version + 1,
  };
  return {
    next,
    effects: [
      { type: "record", event: "hold.escalated", decision: null, by: TIMEOUT, rationale: null },
      { type: "schedule", at: next.expiresAt },
      { type: "notify", holdId: hold.id, about: "escalated" },
    ],
  };
}
