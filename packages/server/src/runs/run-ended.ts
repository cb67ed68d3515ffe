import { ProblemError } from "../problem.ts";
import type { RunRow } from "./run-row.ts";

/** `what` goes on after a colon: what therefore cannot be. */
export function runEnded(run: Pick<RunRow, "id" | "status">, what: string): ProblemError {
  return new ProblemError("run_ended", `Run ${run.id} is ${run.status} already: ${what}.`, {
    runStatus: run.status,
  });
}
