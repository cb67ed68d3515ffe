import { commonRefusal } from "../identity/common-refusal.ts";
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
    case "not_found":
      throw new ProblemError("not_found", `There is no ${what} here.`);
    default:
      throw (
        commonRefusal(answer) ?? new TypeError(`hot function answered with an unknown code: ${answer.code}`)
      );
  }
}
