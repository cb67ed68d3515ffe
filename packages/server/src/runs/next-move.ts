import { isTerminalRun, isTerminalToolCall } from "@holdpoint/protocol";
import type { HoldRow } from "../holds/hold-row.ts";
import type { ChildRow, LoadedRun } from "./loaded-run.ts";
import type { AskRow, CallRow, StepRow } from "./run-row.ts";

/** What a worker does next with a run that it has leased. */
export type Move =
  /** The first turn begins. */
  | { type: "begin" }
  /** The turn that began has no answer yet: the model is asked (again, if somebody died over it). */
  | { type: "ask" }
  /** Calls that somebody started and did not finish; that somebody is gone, or the lease would be theirs. */
  | { type: "lose"; calls: CallRow[] }
  /** A call whose outcome is not known, and what is known of the question about it. */
  | { type: "settle"; call: CallRow; escalation: HoldRow | undefined }
  /** Calls that may run by themselves. */
  | { type: "proceed"; calls: CallRow[] }
  /** Calls that asked a person something, or called an agent, and nothing of that is open any more. */
  | { type: "resume"; calls: CallRow[] }
  /** A person has to decide first, or an agent to end that was called. */
  | { type: "wait" }
  /** An approved call; one at a time, in call order. */
  | { type: "execute"; call: CallRow; hold: HoldRow }
  /** Every call has its outcome: the model is told, as a whole (I11). */
  | { type: "tell" }
  /** The turn is an answer, and an operator has said something that the agent did not hear: one more step. */
  | { type: "hear" }
  /** The turn is an answer, and nobody knows yet how sure the agent is of it. */
  | { type: "judge" }
  /** A person has decided on the answer, or nobody did in time. */
  | { type: "conclude"; hold: HoldRow };

/**
 * Reads from the stored state alone what comes next, so that any worker finds the same: nothing of a run lives in the
 * memory of a process. Approved calls wait until no sibling is open any more, be it undecided or unanswered; one that has
 * its answers goes on at once.
 */
export function nextMove({ run, step, calls, holds, asks, notes, children }: LoadedRun): Move {
  if (step === null) return { type: "begin" };
  if (step.status === "running") return { type: "ask" };
  if (calls.length === 0) return afterAnswer(step, holds, notes !== null && run.step < run.max_steps);
  const lost = calls.filter(({ status }) => status === "executing");
  if (lost.length > 0) return { type: "lose", calls: lost };
  for (const call of calls.filter(({ status }) => status === "unknown")) {
    const escalation = escalationOf(call, holds);
    if (escalation?.status !== "pending") return { type: "settle", call, escalation };
  }
  const automatic = calls.filter(({ status }) => status === "proposed");
  if (automatic.length > 0) return { type: "proceed", calls: automatic };
  const suspended = calls.filter(({ status }) => status === "suspended");
  const answered = suspended.filter(
    (call) => !hasOpenAsk(call, asks, holds) && !hasOpenChild(call, children),
  );
  if (answered.length > 0) return { type: "resume", calls: answered };
  if (suspended.length > 0 || calls.some(({ status }) => status === "gated" || status === "unknown"))
    return { type: "wait" };
  const approved = calls.find(({ status }) => status === "approved");
  if (approved !== undefined) {
    const hold = holds.find(({ id }) => id === approved.hold_id);
    if (hold === undefined)
      throw new TypeError(`Call ${approved.id} of ${run.id} is approved without a hold.`);
    return { type: "execute", call: approved, hold };
  }
  if (calls.every(({ status }) => isTerminalToolCall(status))) return { type: "tell" };
  throw new TypeError(
    `Run ${run.id} stands still: ${calls.map(({ id, status }) => `${id} ${status}`).join(", ")}.`,
  );
}

function hasOpenAsk(call: CallRow, asks: readonly AskRow[], holds: readonly HoldRow[]): boolean {
  return asks.some(
    (ask) =>
      ask.tool_call_id === call.id &&
      holds.some(({ id, status }) => id === ask.hold_id && status === "pending"),
  );
}

function hasOpenChild(call: CallRow, children: readonly ChildRow[]): boolean {
  return children.some(({ callId, status }) => callId === call.id && !isTerminalRun(status));
}

/** What of it waits for people: its own holds, and those of agents that it called. */
export function waitingHolds({ calls, holds, children }: LoadedRun): string[] {
  const own = holds.filter(({ status }) => status === "pending").map(({ id }) => id);
  const suspended = calls.filter(({ status }) => status === "suspended");
  return [
    ...own,
    ...children
      .filter(({ callId }) => suspended.some(({ id }) => id === callId))
      .flatMap(({ holdIds }) => holdIds ?? []),
  ];
}

/** What a person has decided about an answer counts, whatever else was said meanwhile. */
function afterAnswer(step: StepRow, holds: readonly HoldRow[], isToHear: boolean): Move {
  const hold = holds.find(({ id }) => id === step.hold_id);
  if (hold === undefined) return { type: isToHear ? "hear" : "judge" };
  return hold.status === "pending" ? { type: "wait" } : { type: "conclude", hold };
}

/** The question about this very attempt; one about an earlier attempt has been answered and used. */
function escalationOf(call: CallRow, holds: readonly HoldRow[]): HoldRow | undefined {
  return holds.findLast((hold) => {
    if (hold.kind !== "escalation" || hold.tool_call_id !== call.id) return false;
    const data = hold.question?.["data"];
    return (
      typeof data === "object" && data !== null && !Array.isArray(data) && data["attempt"] === call.attempt
    );
  });
}
