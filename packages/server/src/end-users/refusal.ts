import { notAllowed, unauthorized } from "../identity/principal.ts";
import { ProblemError } from "../problem.ts";

/** What the functions that manage end users answer. */
export interface ManageAnswer {
  code: string;
  needs?: string | null;
}

/** Throws unless it was done. For members' and machines' credentials. */
export function assertManaged(answer: ManageAnswer, what: string): void {
  switch (answer.code) {
    case "ok":
    case "repeated":
      return;
    case "unauthorized":
      throw unauthorized();
    case "not_allowed":
      throw notAllowed(answer.needs ?? "another right");
    case "not_found":
      throw new ProblemError("not_found", `There is no ${what} here.`);
    case "idempotency_mismatch":
      throw new ProblemError(
        "idempotency_mismatch",
        "This Idempotency-Key was used before with another body. Use a new key for a new request.",
      );
    default:
      throw new TypeError(`hot function answered with an unknown code: ${answer.code}`);
  }
}
