import { toldReason as reason } from "@holdpoint/protocol";
import { assertNever } from "../assert-never.ts";
import type { FieldError } from "../holds/hold-command.ts";

/*
 * Every sentence that a model is told about a call that did not give a result, or an answer that did not go out: here, what people's
 * verdicts come to in protocol's told.ts, and nowhere else. They say what
 * happened, that nothing was executed where that is so, and what to do next, so that the model neither claims a
 * success nor tries the same again and again (defects 12 and 22).
 */

export { toldCancelled, toldExpired, toldRejected, toldSkipped } from "@holdpoint/protocol";

/** The output of a run that used up its steps (R84). */
export const STEP_LIMIT_OUTPUT = "Task incomplete.";

/** A person withdrew the call itself. `hasBegun`: it had asked something, and may have done a part. */
export function toldWithdrawn(tool: string, why: string | null, hasBegun: boolean): string {
  return hasBegun
    ? `Action '${tool}' was withdrawn by an operator after it had begun; it was not completed, may have been executed in part, and will not go on. Do not try it again unless asked. Reason: ${reason(why)}`
    : `Action '${tool}' was withdrawn by an operator and not executed; do not try it again unless asked. Reason: ${reason(why)}`;
}

/** A person did it, or found out what came of it, and gave its result by hand. */
export function toldTakenOver(tool: string, outcome: "succeeded" | "failed"): string {
  return outcome === "succeeded"
    ? `An operator took over '${tool}' and gave this result by hand.`
    : `An operator took over '${tool}' and reports that it failed:`;
}

/** A word from an operator, or from the app that started the agent, before a step. */
export function toldNote(text: string, by: "member" | "agent"): string {
  return `${NOTE_OPENINGS[by]}${text}`;
}

const NOTE_OPENINGS = {
  member: "An operator of this service says, while you work on this task:\n\n",
  agent: "The app that you work for says, while you work on this task:\n\n",
} as const;

/** The word that a message of {@link toldNote} carries; undefined for any other message. */
export function readNote(message: string): string | undefined {
  const opening = Object.values(NOTE_OPENINGS).find((known) => message.startsWith(known));
  return opening === undefined ? undefined : message.slice(opening.length);
}

/** How a question ended that a tool asked and that has no answer. */
export type NoAnswer = "declined" | "expired" | "cancelled";

/**
 * The tool could not go on: a person was asked, and there is no answer. No error, and nothing to repeat (R5, R6).
 * `isExecuted`: only what was to become of its result was asked.
 */
export function toldNotAnswered(
  tool: string,
  outcome: NoAnswer,
  comment: string | null,
  isExecuted = false,
): string {
  const before = isExecuted
    ? `Action '${tool}' was executed, but its result cannot be told because`
    : `Action '${tool}' was not completed because`;
  switch (outcome) {
    case "declined":
      return `${before} the user declined to answer its question; respect that, and do not try it again unless they ask. Reason: ${reason(comment)}`;
    case "expired":
      return `${before} nobody answered its question in time; do not try it again now, go on without it and say what is missing.`;
    case "cancelled":
      return `${before} its question was withdrawn; do not try it again, go on without it. Reason: ${reason(comment)}`;
    default:
      return assertNever(outcome);
  }
}

/** A person was asked whether this call is right, and said no: it did not start. */
export function toldNotVerified(tool: string): string {
  return `Action '${tool}' was not executed because the user did not confirm it; do not try it again unless they ask.`;
}

/** It asked a question, and its tool is gone or another by the time of the answer. */
export function toldNotContinued(tool: string): string {
  return `Action '${tool}' asked a question and was not continued after the answer, because the tool has changed since; it may have been executed in part.`;
}

/** How the run of an agent ended that a call had called, where it gave no answer. */
export function toldAgentEnded(
  agent: string,
  status: "failed" | "cancelled",
  reasonGiven: string | null,
): string {
  return status === "failed"
    ? `Agent '${agent}' failed and gave no answer; some of its actions may have been executed. Reason: ${reason(reasonGiven)}`
    : `Agent '${agent}' was cancelled by operator and gave no answer; do not call it again for this. Reason: ${reason(reasonGiven)}`;
}

/** An agent that was called calls an agent that calls an agent …: no further down. */
export function toldTooDeep(agent: string, depth: number): string {
  return `Agent '${agent}' was not called: agents may call each other ${depth} deep at most. Do it without it.`;
}

/** A person sent a final answer back: what the model is told instead of being done. */
export function toldSentBack(guidance: string): string {
  return `A reviewer read your answer before anybody else and sent it back. Answer the task again. What the reviewer says:\n\n${guidance}`;
}

/** A person corrected a final answer: for the turns of the session that come later. */
export const TOLD_EDITED = "A reviewer corrected your answer. What was given out instead:";

/** A person looked and found that it did not work; its outcome had been lost. */
export function toldUnknownFailed(tool: string, comment: string | null): string {
  return `Action '${tool}' was interrupted, and a person who checked reports that it failed. Reason: ${reason(comment)}`;
}

/** A person looked and found that it worked, but could not say what the result was. */
export function toldUnknownSucceeded(tool: string): string {
  return `Action '${tool}' was interrupted, and a person who checked reports that it was executed; its result is not known.`;
}

export function toldUnknownTool(tool: string, available: readonly string[]): string {
  const list = available.length === 0 ? "there are none" : available.join(", ");
  return `Action '${tool}' was not executed because there is no such tool; available tools: ${list}.`;
}

export function toldInvalidArguments(tool: string, errors: readonly FieldError[]): string {
  const list = errors.map(({ path, message }) => (path === "" ? message : `${path} ${message}`)).join("; ");
  return `Action '${tool}' was not executed because its arguments do not fit: ${list}.`;
}

/** The call came in the last step of the run, or its decision after it. */
export function toldStepLimit(tool: string, maxSteps: number): string {
  return `Action '${tool}' was not executed because the run reached its limit of ${maxSteps} steps.`;
}

/** In the history of later runs of the session, what they are told of a call that was left behind. */
export function toldLeftUnknown(tool: string): string {
  return `Action '${tool}' was started, and its run ended before its outcome was known; it may have been executed. Do not take it for done, and do not try it again before you know.`;
}

/** It had begun and asked a question when its run was ended. */
export function toldLeftInPart(tool: string): string {
  return `Action '${tool}' was begun and not completed, because its run was ended while it waited for an answer; it may have been executed in part.`;
}

export function toldSuperseded(tool: string): string {
  return `Action '${tool}' was not executed because a newer message took the place of the one that it was for.`;
}

/** How a run of the session ended without an answer: what stands in the place of one for the runs that come later. */
export function toldRunEnded(error: { code: string; reason: string | null }): string {
  switch (error.code) {
    case "superseded":
      return "(This was ended before an answer was given, because a newer message took its place.)";
    case "AgentCancelled":
      return `(This was cancelled by an operator before an answer was given. Reason: ${reason(error.reason)})`;
    default:
      return "(This ended with an error before an answer was given.)";
  }
}

/** An answer was written and never given out: for the turns of the session that come later. */
export function toldAnswerWithheld(comment: string | null): string {
  return `Your answer was held back and never given out. Reason: ${reason(comment)}`;
}
