import type { OnTimeout } from "./legality.ts";

/*
 * What an agent is told when a person, or silence, kept its action from being executed: the server tells its models so, and
 * a gate elsewhere its callers. One sentence each, and nowhere else.
 */

export function toldRejected(tool: string, comment: string | null): string {
  return `Action '${tool}' was rejected by reviewer. Reason: ${toldReason(comment)}`;
}

export function toldSkipped(tool: string, comment: string | null): string {
  return `Action '${tool}' was skipped by reviewer and not executed; consider another way or gather context before trying it again. Reason: ${toldReason(comment)}`;
}

/** What nobody decided in time. A skip lets the model go on; everything else is as good as a no. */
export function toldExpired(tool: string, onTimeout: OnTimeout): string {
  return onTimeout === "skip"
    ? `Action '${tool}' was skipped because nobody decided in time; go on without it and propose a follow-up.`
    : `Action '${tool}' was not executed because nobody decided in time; take it as rejected and offer a safe alternative.`;
}

export function toldCancelled(tool: string, comment: string | null): string {
  return `Action '${tool}' was cancelled by operator and not executed. Reason: ${toldReason(comment)}`;
}

/** The reason in a sentence, also where nobody gave one. */
export function toldReason(comment: string | null): string {
  const text = comment?.trim() ?? "";
  return text === "" ? "none given" : text;
}
