import {
  toldAnswerWithheld,
  toldLeftInPart,
  toldLeftUnknown,
  toldRunEnded,
  toldSuperseded,
} from "@holdpoint/core";
import type { JsonObject } from "@holdpoint/protocol";
import type { CallRow } from "./run-row.ts";
import { outcomeOf, type ToldHold } from "./tool-message.ts";

/** An earlier run of the session, as session_history_v1 gives it. */
export interface EarlierRun {
  status: "completed" | "failed" | "cancelled";
  output: string | null;
  error: JsonObject | null;
  messages: JsonObject[];
  /** Of its last step, where it did not complete. */
  calls: { call: CallRow; isSettled: boolean; hold: ToldHold | null }[] | null;
}

/**
 * What was said before, as the model's API demands it: each call has exactly one result, though its run was ended over it
 * (I11), and each run ends in something said, so that no two messages of the user stand side by side (defect 21).
 */
export function renderHistory(runs: readonly EarlierRun[]): JsonObject[] {
  return runs.flatMap((run) => [...run.messages, ...whatIsMissing(run)]);
}

function whatIsMissing(run: EarlierRun): JsonObject[] {
  const missing: JsonObject[] = [];
  const last = run.messages.at(-1);
  const left = last === undefined || !hasCalls(last) ? [] : (run.calls ?? []);
  if (left.length > 0) missing.push(resultsOf(left, run.error));
  const isAnswered = last?.["role"] === "assistant" && left.length === 0;
  if (run.status === "completed") {
    // An answer that came from elsewhere than from our model.
    if (!isAnswered && (run.output ?? "") !== "") missing.push({ role: "assistant", content: run.output });
    return missing;
  }
  const { code, reason, comment } = run.error ?? {};
  if (isAnswered) missing.push({ role: "user", content: toldAnswerWithheld(textOf(comment)) });
  else
    missing.push({
      role: "assistant",
      content: toldRunEnded({ code: textOf(code) ?? "", reason: textOf(reason) }),
    });
  return missing;
}

function hasCalls({ role, content }: JsonObject): boolean {
  return (
    role === "assistant" &&
    Array.isArray(content) &&
    content.some(
      (part) =>
        typeof part === "object" && part !== null && !Array.isArray(part) && part["type"] === "tool-call",
    )
  );
}

function resultsOf(calls: NonNullable<EarlierRun["calls"]>, error: JsonObject | null): JsonObject {
  return {
    role: "tool",
    content: calls.map((left) => ({
      type: "tool-result",
      toolCallId: left.call.provider_call_id,
      toolName: left.call.name,
      output: outputOf(left, error),
    })),
  };
}

function outputOf(
  { call, isSettled, hold }: NonNullable<EarlierRun["calls"]>[number],
  error: JsonObject | null,
): JsonObject {
  // What was broken off by a cancel has ended too, and nobody knows how: such a session must not lock (defect 21).
  if (!isSettled || call.status === "unknown")
    return { type: "error-text", value: toldLeftUnknown(call.name) };
  if (call.status === "cancelled") {
    if (call.attempt > 0) return { type: "error-text", value: toldLeftInPart(call.name) };
    if (error?.["code"] === "superseded")
      return { type: "execution-denied", reason: toldSuperseded(call.name) };
  }
  return outcomeOf(call, hold === null ? [] : [hold]).output;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
