import {
  FULFILMENT_LEGALITY,
  nextStatus,
  type EventType,
  type Fulfilment,
  type FulfilmentCommand,
} from "@holdpoint/protocol";
import type { HoldState } from "./hold-state.ts";

export type FulfilmentInput =
  /** Redeems the right to execute: exactly these bytes, in this organisation, by this run (I1). */
  | { type: "start"; orgId: string; runId: string | null; actionHash: string }
  | { type: Exclude<FulfilmentCommand, "start" | "release"> };

export type FulfilmentRejection =
  | { code: "not_approved"; status: HoldState["status"] }
  | { code: "action_changed"; expected: string | null; received: string }
  /** It was started before, and only one start is ever allowed (I2). */
  | { code: "already_redeemed"; fulfilment: Fulfilment }
  | { code: "conflict"; fulfilment: Fulfilment };

export interface FulfilmentTransition {
  next: HoldState;
  /** The one event of this transition (I5), or null where nothing happened outside. */
  event: EventType | null;
}

const EVENTS = {
  deliver: null,
  start: "action.executing",
  succeed: "action.executed",
  fail: "action.failed",
  lose: "action.unknown",
  retry: null, // told by the decision that asked for it
  abandon: "action.failed",
} as const satisfies Record<FulfilmentInput["type"], EventType | null>;

/** Moves the execution of a released action on. What nobody released never starts. */
export function transitionFulfilment(
  hold: HoldState,
  command: FulfilmentInput,
): FulfilmentTransition | FulfilmentRejection {
  if (hold.status !== "approved" && hold.status !== "modified")
    return { code: "not_approved", status: hold.status };
  if (command.type === "start") {
    const expected = hold.outcome?.actionHash ?? null;
    // Another organisation or run learns no more than that this is not its action.
    const isTheirs = command.orgId === hold.orgId && command.runId === hold.runId;
    if (!isTheirs || expected === null || command.actionHash !== expected) {
      return { code: "action_changed", expected: isTheirs ? expected : null, received: command.actionHash };
    }
  }
  const next = nextStatus<Fulfilment>(FULFILMENT_LEGALITY[command.type], hold.fulfilment);
  if (next === undefined) {
    return { code: command.type === "start" ? "already_redeemed" : "conflict", fulfilment: hold.fulfilment };
  }
  return { next: { ...hold, fulfilment: next, version: hold.version + 1 }, event: EVENTS[command.type] };
}
