import {
  confidenceInWords,
  type Hold,
  type JsonObject,
  type JsonValue,
  type Verdict,
} from "@holdpoint/protocol";
import { block } from "../terminal/block.ts";
import { printableJson } from "../terminal/printable.ts";
import type { Style } from "../terminal/style.ts";

/** A result that its agent is not sure of. */
export interface Doubt {
  task: JsonValue;
  result: JsonValue;
  confidence: number | undefined;
  threshold: number | undefined;
}

/** What an escalation doubts; undefined for every other hold. */
export function doubtOf({ question }: Pick<Hold, "question">): Doubt | undefined {
  if (question?.["type"] !== "escalation") return undefined;
  return {
    task: question["task"] ?? null,
    result: question["result"] ?? null,
    confidence: numberOf(question["confidence"]),
    threshold: numberOf(question["threshold"]),
  };
}

/** What may be edited: the arguments of an action, or the result that is doubted. Undefined where nothing can. */
export function editableOf(hold: Hold): JsonObject | undefined {
  const doubt = doubtOf(hold);
  return hold.action?.arguments ?? (doubt === undefined ? undefined : { result: doubt.result });
}

const DOUBT_WORDS: Partial<Record<Verdict, string>> = {
  approve: "accept",
  modify: "edit",
  answer: "send back",
};

/** What a verdict is called on such a hold: nobody "approves" a result, it is accepted. */
export function wordFor(verdict: Verdict, hold: Pick<Hold, "question">): string {
  return (doubtOf(hold) === undefined ? undefined : DOUBT_WORDS[verdict]) ?? verdict;
}

/** `Confidence 0.30 (unsure), threshold 0.65`, the task and the result, both as somebody else's words (I13). */
export function doubtLines({ task, result, confidence, threshold }: Doubt, style: Style): string[] {
  const number =
    confidence === undefined ? "not known" : `${confidence.toFixed(2)} (${confidenceInWords(confidence)})`;
  const below = threshold === undefined ? "" : `, threshold ${threshold}`;
  return [
    `${style.dim("Confidence")} ${number}${below}`,
    style.dim("The task:"),
    ...block(textOf(task)),
    style.dim("The result, in the agent's words:"),
    ...block(textOf(result)),
  ];
}

function textOf(value: JsonValue): string {
  return typeof value === "string" ? value : printableJson(value, 2);
}

function numberOf(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}
