import { HoldpointError, PROBLEMS, type ProblemCode } from "@holdpoint/protocol";

/** An error of the API's one list. `message` says what happened, to whom, and what to do. */
export function refusal(
  code: ProblemCode,
  message: string,
  details?: Record<string, unknown>,
): HoldpointError {
  return new HoldpointError(message, { code, status: PROBLEMS[code].status, ...(details && { details }) });
}

/** The service cannot start like this. Code `invalid_configuration`. */
export function configurationError(message: string, cause?: unknown): HoldpointError {
  return new HoldpointError(message, { code: "invalid_configuration", cause });
}

/** What a function of the database answers when it does not do what was asked. */
export interface Answer {
  code:
    | "ok"
    | "repeated"
    | "unauthorized"
    | "not_allowed"
    | "not_found"
    | "conflict"
    | "idempotency_mismatch";
}

/** Words for the refusals that differ from operation to operation. */
export interface RefusalWords {
  /** Completes "Only an admin may …". */
  task: string;
  notFound?: string;
  conflict?: string;
}

/** Throws unless the answer is a yes (also a repeated one). */
export function assertDone(answer: Answer, words: RefusalWords): void {
  switch (answer.code) {
    case "ok":
    case "repeated":
      return;
    case "unauthorized":
      throw refusal(
        "unauthorized",
        "No valid credential. Send an API key as `Authorization: Bearer <key>`, or sign in.",
      );
    case "not_allowed":
      throw refusal(
        "not_allowed",
        `Only an admin may ${words.task}: signed in, or by an operator key of theirs.`,
      );
    case "not_found":
      throw refusal("not_found", words.notFound ?? "There is no such thing here.");
    case "conflict":
      throw refusal("conflict", words.conflict ?? "The state does not allow that.");
    case "idempotency_mismatch":
      throw refusal(
        "idempotency_mismatch",
        "This Idempotency-Key was used with another body. Use a new one.",
      );
    default:
      answer.code satisfies never;
      throw new TypeError(`Unknown answer of the database: ${String(answer.code)}`);
  }
}
