import { commonRefusal } from "../identity/common-refusal.ts";
import { ProblemError } from "../problem.ts";
import type { RunRow } from "./run-row.ts";

export interface RunAnswer {
  code: string;
  run?: RunRow | undefined;
  needs?: string;
}

/** The refusal of a hot function of runs as the problem it is told as. */
export function runRefusal(answer: RunAnswer, subject: string): ProblemError {
  switch (answer.code) {
    case "not_found":
      return new ProblemError("not_found", `There is no run ${subject} here.`);
    case "session_busy":
      throw new ProblemError(
        "session_busy",
        `Run ${answer.run?.id} of this session is ${answer.run?.status}, and agent ${subject} takes one message at a time: wait for its end, or cancel it.`,
        { runId: answer.run?.id, runStatus: answer.run?.status },
      );
    default: {
      const common = commonRefusal(answer);
      if (common !== undefined) return common;
      throw new TypeError(`hot function answered with an unknown code: ${answer.code}`);
    }
  }
}
