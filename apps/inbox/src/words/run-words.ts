import type { RunStatus, ToolCall, ToolCallStatus } from "@holdpoint/protocol";
import type { StateLook } from "./hold-words.ts";

export const RUN_LOOK: Record<RunStatus, StateLook> = {
  queued: { word: "Queued", icon: "clock", tone: "quiet" },
  running: { word: "Running", icon: "progress", tone: "quiet" },
  holding: { word: "Waits for a person", icon: "hold", tone: "waiting" },
  paused: { word: "Paused", icon: "pause", tone: "quiet" },
  completed: { word: "Completed", icon: "check", tone: "done" },
  failed: { word: "Failed", icon: "warning", tone: "bad" },
  cancelled: { word: "Cancelled", icon: "cross", tone: "quiet" },
};

/** In the place of its state, for a run that lives elsewhere. */
export const LOST: StateLook = { word: "Lost", icon: "warning", tone: "bad" };

const CALL_LOOK: Record<ToolCallStatus, StateLook> = {
  proposed: { word: "Proposed", icon: "clock", tone: "quiet" },
  gated: { word: "Waits for a decision", icon: "hold", tone: "waiting" },
  approved: { word: "Approved, not executed yet", icon: "clock", tone: "waiting" },
  rejected: { word: "Rejected, not executed", icon: "cross", tone: "quiet" },
  skipped: { word: "Skipped, not executed", icon: "skip", tone: "quiet" },
  expired: { word: "Expired, not executed", icon: "clock", tone: "quiet" },
  cancelled: { word: "Withdrawn, not executed", icon: "cross", tone: "quiet" },
  executing: { word: "Executing now", icon: "progress", tone: "quiet" },
  suspended: { word: "Waits for an answer", icon: "hold", tone: "waiting" },
  succeeded: { word: "Executed", icon: "check", tone: "done" },
  failed: { word: "Failed", icon: "warning", tone: "bad" },
  unknown: { word: "Nobody knows whether it was executed", icon: "warning", tone: "bad" },
};

/** Why a run ended, where it did not simply come to its end. */
export const END_WORDS: Readonly<Record<string, string>> = {
  cancelled: "an operator cancelled it",
  killed: "an operator killed it",
  superseded: "a newer message of its conversation took its place",
  step_limit: "it used up its steps",
  result_accepted: "a reviewer accepted its answer",
  result_edited: "a reviewer corrected its answer",
  result_rejected: "a reviewer rejected its answer",
  result_expired: "nobody decided in time on its answer",
  result_withdrawn: "the question about its answer was withdrawn",
};

/** Which agent called which: `Planner → Clerk`. */
export function pathInWords(path: readonly string[] | null): string {
  return (path ?? []).join(" → ");
}

const CALLED_LOOK: StateLook = { word: "With the agent that it called", icon: "progress", tone: "quiet" };

const BY_HAND: StateLook = { word: "Result given by hand", icon: "person", tone: "done" };
const REUSED: StateLook = { word: "Executed before, not again", icon: "check", tone: "done" };

/** The state of a call. What this run did not execute is never called executed (defect 22). */
export function lookOfCall(
  call: Pick<ToolCall, "status" | "childRunId" | "steered" | "reusedFrom">,
): StateLook {
  if (call.childRunId !== null && call.status === "suspended") return CALLED_LOOK;
  if (call.status !== "succeeded") return CALL_LOOK[call.status];
  if (call.steered?.action === "taken_over") return BY_HAND;
  return call.reusedFrom === null ? CALL_LOOK.succeeded : REUSED;
}
