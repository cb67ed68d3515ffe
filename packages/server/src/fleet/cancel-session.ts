import type { SessionCancelled } from "@holdpoint/protocol";
import { ProblemError } from "../problem.ts";
import { controlRun, type ControlRunDeps } from "../runs/control-run.ts";
import { runRefusal, type RunAnswer } from "../runs/run-refusal.ts";

/**
 * Ends every run of a session that is not over, each in a transaction of its own. The newest first: a run that waits for an
 * earlier one is over before that one is, and never begins in between. Throws `not_found` for a session that there is not.
 */
export async function cancelSession(
  deps: ControlRunDeps,
  request: { credentialHash: string; sessionId: string; reason: string | undefined },
): Promise<SessionCancelled> {
  const { credentialHash, sessionId, reason } = request;
  const answer = (await deps.database.callIdempotent(
    "open_runs_of_session_v1",
    credentialHash,
    sessionId,
  )) as RunAnswer & { runs: string[] };
  if (answer.code === "not_found")
    throw new ProblemError("not_found", `There is no session ${sessionId} here.`);
  if (answer.code !== "ok") throw runRefusal(answer, sessionId);
  const runs: SessionCancelled["runs"] = [];
  for (const runId of answer.runs) {
    try {
      runs.push(await controlRun(deps, { credentialHash, runId, action: "cancel", reason }));
    } catch (error) {
      // It ended by itself in the meantime.
      if (!(error instanceof ProblemError && error.code === "run_ended")) throw error;
    }
  }
  return { sessionId, runs };
}
