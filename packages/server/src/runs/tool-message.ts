import {
  isSameJson,
  toldCancelled,
  toldExpired,
  toldRejected,
  toldSkipped,
  toldTakenOver,
  toldWithdrawn,
} from "@holdpoint/core";
import { canonicalJson, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import type { HoldRow } from "../holds/hold-row.ts";
import type { CallRow } from "./run-row.ts";

/** What of a hold the model is told. */
export type ToldHold = Pick<HoldRow, "id" | "outcome" | "on_timeout">;

/** How a call came out, as the model and the run's record say it. */
export interface CallOutcome {
  output: JsonObject;
  /** What is kept on the call when it gave no result and has no error of its own yet. */
  error: JsonObject | undefined;
}

/** One tool message for a whole turn: exactly one result a call, in call order (I11, defects 8, 13 and 14). */
export function toolMessage(calls: readonly CallRow[], holds: readonly HoldRow[]): JsonObject {
  return {
    role: "tool",
    content: calls.map((call) => ({
      type: "tool-result",
      toolCallId: call.provider_call_id,
      toolName: call.name,
      output: outcomeOf(call, holds).output,
    })),
  };
}

const NO_ERRORS = new Set<unknown>(["not_answered", "not_verified"]);

/** What the model is told of one call. Nothing that did not run looks as if it had (defects 12 and 22). */
export function outcomeOf(call: CallRow, holds: readonly ToldHold[]): CallOutcome {
  const hold = holds.find(({ id }) => id === call.hold_id);
  const comment = hold?.outcome?.comment ?? null;
  switch (call.status) {
    case "succeeded":
      return { output: resultOutput(call, hold), error: undefined };
    case "rejected":
      return denied("rejected", toldRejected(call.name, comment));
    case "skipped":
      return denied("skipped", toldSkipped(call.name, comment));
    case "expired":
      return denied("expired", toldExpired(call.name, hold?.on_timeout ?? "reject"));
    case "cancelled":
      if (call.steered?.action === "withdrawn")
        return denied("withdrawn", toldWithdrawn(call.name, call.steered.reason, call.attempt > 0));
      return denied("cancelled", toldCancelled(call.name, comment));
    case "failed":
      // A person has not answered, or said no: nothing to repeat, as an error would be (R5, R6).
      if (call.steered?.action === "taken_over") {
        const message = toldTakenOver(call.name, "failed");
        return { output: { type: "error-text", value: `${message} ${errorText(call)}` }, error: undefined };
      }
      if (NO_ERRORS.has(call.error?.["code"]))
        return { output: { type: "execution-denied", reason: errorText(call) }, error: undefined };
      return { output: { type: "error-text", value: errorText(call) }, error: undefined };
    default:
      throw new TypeError(`Call ${call.id} is ${call.status} and has no outcome yet.`);
  }
}

function denied(code: string, message: string): CallOutcome {
  return { output: { type: "execution-denied", reason: message }, error: { code, message } };
}

function errorText(call: CallRow): string {
  const message = call.error?.["message"];
  return typeof message === "string" ? message : "It failed.";
}

/** Where a reviewer changed the arguments, the model learns with which ones it ran: its own call still says others. */
function resultOutput(call: CallRow, hold: ToldHold | undefined): JsonObject {
  if (call.steered?.action === "taken_over") {
    const note = toldTakenOver(call.name, "succeeded");
    return { type: "json", value: { note, result: call.result } };
  }
  const executedWith = hold?.outcome?.arguments ?? null;
  if (executedWith === null || isSameJson(executedWith, call.arguments as JsonObject))
    return jsonOrText(call.result);
  return { type: "json", value: noteOfChange(call.name, executedWith, call.result) };
}

export function noteOfChange(tool: string, executedWith: JsonObject, result: JsonValue): JsonObject {
  const note = `A reviewer changed the arguments; '${tool}' was executed with ${canonicalJson(executedWith)}.`;
  return { note, executedWith, result };
}

function jsonOrText(result: JsonValue): JsonObject {
  return typeof result === "string" ? { type: "text", value: result } : { type: "json", value: result };
}
