import { canonicalJson, type JsonValue, type OwnQuestion } from "@holdpoint/protocol";
import type { Asked } from "./asked.ts";
import type { Wording } from "./wording.ts";

/** How a question ended, in a few words, for the person who was asked. */
export function endInWords({ status, kind }: Pick<OwnQuestion, "status" | "kind">): string {
  switch (status) {
    case "pending":
      return "Open";
    case "rejected":
    case "skipped":
      return "Declined";
    case "expired":
      return "The time was up before it was answered";
    case "cancelled":
      return "Not needed any more";
    default:
      return kind === "authorization" ? "Connected" : "Answered";
  }
}

/** An answer as the words that were chosen; undefined for one that has to be shown as facts. */
export function answerInWords(
  asked: Asked | undefined,
  answer: JsonValue,
  words: Wording,
): string | undefined {
  switch (asked?.type) {
    case "verification":
      return answer === true ? words.yes : words.no;
    case "action":
      return answer === true ? words.done : undefined;
    case "choice": {
      const labels = new Map(asked.options.map(({ value, label }) => [canonicalJson(value), label]));
      const chosen = asked.multiple && Array.isArray(answer) ? answer : [answer];
      const named = chosen.map((value) => labels.get(canonicalJson(value)));
      return named.includes(undefined) ? undefined : named.join(", ");
    }
    default:
      return typeof answer === "string" ? answer : undefined;
  }
}
