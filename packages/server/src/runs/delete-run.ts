import { createId, type RunDeleted } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import type { Wakeups } from "../events/wakeups.ts";
import { ProblemError } from "../problem.ts";
import { runRefusal, type RunAnswer } from "./run-refusal.ts";

export interface DeleteRunDeps {
  database: Pick<Database, "callIdempotent">;
  wakeups: Pick<Wakeups, "publish">;
}

interface Answer extends RunAnswer {
  orgId?: string;
  runs?: number;
  holds?: number;
  holdId?: string;
  /** The outermost run above one that was called. */
  runId?: string;
}

/**
 * Deletes a run that is over with everything of it, and the runs that it called with theirs: input, output, messages, arguments,
 * results, its holds with what was decided and said. The audit log keeps all its entries as they are, and gets one more,
 * `run.deleted`; what erases their clear values is deleting the run's session, or erasing its end user. One round trip.
 *
 * Throws `run_busy` while it is not over, while somebody is asked, or while another run that is not over needs it; `conflict` where
 * another run called it; `not_found`, and `not_allowed` for all but admins.
 */
export async function deleteRun(
  { database, wakeups }: DeleteRunDeps,
  { credentialHash, runId }: { credentialHash: string; runId: string },
): Promise<RunDeleted> {
  const answer = (await database.callIdempotent("delete_run_v1", {
    credentialHash,
    runId,
    eventId: createId("evt"),
  })) as Answer;
  const { code, orgId, runs, holds } = answer;
  if (code !== "ok" || orgId === undefined || runs === undefined || holds === undefined)
    throw deleteRefusal(answer, runId);
  wakeups.publish([`run:${runId}`, `org:${orgId}`]);
  return { id: runId, runs, holds };
}

function deleteRefusal(answer: Answer, runId: string): ProblemError {
  const { run, holdId } = answer;
  const busy = (detail: string): ProblemError =>
    new ProblemError(
      "run_busy",
      detail,
      run === undefined ? { holdId } : { runId: run.id, runStatus: run.status },
    );
  const which = run?.id === runId ? `Run ${runId}` : `Run ${run?.id ?? ""}, which run ${runId} called,`;
  switch (answer.code) {
    case "not_over":
      return busy(
        run?.status === "cancelled"
          ? `${which} was cancelled while a call of it executes: wait until that has reported.`
          : `${which} is ${run?.status ?? "under way"}: wait for its end, or cancel it.`,
      );
    case "asked":
      return busy(`Hold ${holdId ?? ""} of run ${runId} is open: decide or cancel it.`);
    case "claimed":
      return busy(
        `Hold ${holdId ?? ""} of run ${runId} was claimed, and how its execution ended is not reported yet: wait for that.`,
      );
    case "needed":
      return busy(
        `Run ${run?.id ?? ""} is ${run?.status ?? "under way"} and goes on from run ${runId}, or remembers it: wait for its end, or cancel it.`,
      );
    case "nested":
      return new ProblemError(
        "conflict",
        `Run ${runId} is a part of run ${answer.runId ?? ""}, which called it: delete that one, and this goes with it.`,
        { runId: answer.runId },
      );
    default:
      return runRefusal(answer, runId);
  }
}
