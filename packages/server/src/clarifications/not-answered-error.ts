import type { NoAnswer } from "@holdpoint/core";
import { HoldpointError, type HoldStatus } from "@holdpoint/protocol";

/**
 * A question that the tool asked has no answer, and will not get one: somebody declined to answer it, nobody did in time,
 * or it was withdrawn. Not caught, the call ends and the model is told so, as something to respect and not as an error to
 * try again.
 */
export class NotAnsweredError extends HoldpointError {
  override name = "NotAnsweredError";
  readonly key: string;
  readonly outcome: NoAnswer;
  /** What the person said with it. */
  readonly comment: string | null;

  constructor(key: string, outcome: NoAnswer, comment: string | null) {
    super(`The question "${key}" was ${WORDS[outcome]}.`, { code: "not_answered" });
    this.key = key;
    this.outcome = outcome;
    this.comment = comment;
  }
}

const WORDS: Record<NoAnswer, string> = {
  declined: "declined",
  expired: "not answered in time",
  cancelled: "withdrawn",
};

/** How a hold that is over and not answered ended, for whoever asked. */
export function noAnswerOf(status: Exclude<HoldStatus, "pending" | "answered">): NoAnswer {
  switch (status) {
    case "expired":
      return "expired";
    case "cancelled":
      return "cancelled";
    default:
      return "declined";
  }
}
