import type { SessionCancelled } from "@holdpoint/protocol";
import { ProblemError } from "../problem.ts";
import { controlRun, type ControlRunDeps } from "../runs/control-run.ts";
import { runRefusal, type RunAnswer } from "../runs/run-refusal.ts";

interface CancelSessionRequest {
  credentialHash: string;
  sessionId: string;
  reason: string | undefined;
  /** Of the request, the same in every repetition of it. */
  key: string | undefined;
}

/**
 * Ends every run of a session that is not over, each in a transaction of its own. The newest first: a run that waits for an
 * earlier one is over before that one is, and never begins in between. Repeated with its key it goes on where it stopped, answers
 * with the same runs, and ends none that was made since. Throws `not_found` for a session that there is not.
 */
export async function cancelSession(
  deps: ControlRunDeps,
  request: CancelSessionRequest,
): Promise<SessionCancelled> {
  const { credentialHash, sessionId, reason, key } = request;
  const answer = (await deps.database.callIdempotent("open_runs_of_session_v2", {
    credentialHash,
    sessionId,
    key: key ?? null,
  })) as RunAnswer & { runs: string[] };
  if (answer.code === "not_found")
    throw new ProblemError("not_found", `There is no session ${sessionId} here.`);
  if (answer.code !== "ok") throw runRefusal(answer, sessionId);
  const runs: SessionCancelled["runs"] = [];
  for (const runId of answer.runs) {
    try {
      runs.push(await controlRun(deps, { credentialHash, runId, action: "cancel", reason, key }));
    } catch (error) {
      // It ended by itself in the meantime.
      if (!(error instanceof ProblemError && error.code === "run_ended")) throw error;
    }
  }
  return { sessionId, runs };
}
