import { ProblemError } from "../problem.ts";
import { notAllowed, unauthorized } from "./principal.ts";

/** What any function of the database may answer, whatever it does. */
export interface CommonAnswer {
  code: string;
  /** What it would have taken: `role operator`, `scope runs:*`, `person`. */
  needs?: string | null | undefined;
}

/** The refusals that are the same everywhere; undefined for an answer that has words of its own where it was asked. */
export function commonRefusal(answer: CommonAnswer): ProblemError | undefined {
  switch (answer.code) {
    case "unauthorized":
      return unauthorized();
    case "not_allowed":
      return notAllowed(answer.needs ?? "another right");
    case "session_not_found":
      return new ProblemError(
        "not_found",
        "There is no such session for this end user: check sessionId and endUserId.",
      );
    case "in_progress":
      return new ProblemError("in_progress", "The same request is being done at this moment. Send it again.");
    case "idempotency_mismatch":
      return idempotencyMismatch();
    default:
      return undefined;
  }
}

export function idempotencyMismatch(): ProblemError {
  return new ProblemError(
    "idempotency_mismatch",
    "This Idempotency-Key was used before with another body. Use a new key for a new request.",
  );
}
