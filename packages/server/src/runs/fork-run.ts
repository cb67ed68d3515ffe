import { createId, type ForkRun, type RunSummary } from "@holdpoint/protocol";
import type { Models } from "../agents/models/models.ts";
import type { Registry } from "../agents/registry.ts";
import { ProblemError } from "../problem.ts";
import { runRefusal, type RunAnswer } from "./run-refusal.ts";
import { renderRunSummary, type RunRow } from "./run-row.ts";
import type { SteerDeps, SteerRequest } from "./tell-run.ts";

export interface ForkDeps extends SteerDeps {
  registry: Registry;
  models: Models;
}

interface Answer extends RunAnswer {
  run?: RunRow;
  steps?: number;
  agentId?: string;
  runId?: string;
  call?: { id: string; run_id: string; name: string; status: string };
}

/**
 * Runs again from a step of a run that has ended, as a new run: told what the model was told when that step was asked, and the
 * `message`. What was executed then or later is not executed again where the same is proposed: its result is taken over, once.
 * One round trip.
 *
 * Throws `conflict` while the run has not ended, while nobody knows whether one of its calls was executed, and where the run that
 * it goes on from was deleted; `invalid_request`
 * for a step that it never came to; `not_found` and `not_allowed`.
 */
export async function forkRun(
  { database, wakeups, registry, models }: ForkDeps,
  { credentialHash, runId, idempotency, body }: SteerRequest & { body: ForkRun },
): Promise<RunSummary> {
  const agents = registry
    .listAgents()
    .map((agent) => [agent.id, { model: models.describe(agent).label, max_steps: agent.maxSteps }] as const);
  const answer = (await database.callIdempotent("fork_run_v1", {
    credentialHash,
    runId,
    ...body,
    messageId: createId("msg"),
    eventId: createId("evt"),
    run: { id: createId("run"), idempotency_key: idempotency?.key, body_hash: idempotency?.bodyHash },
    agents: Object.fromEntries(agents),
  })) as Answer;
  const { run } = answer;
  if ((answer.code !== "ok" && answer.code !== "repeated") || run === undefined)
    throw forkRefusal(answer, runId, body);
  if (answer.code === "ok")
    wakeups.publish(["advance", `run:${run.id}`, `run:${runId}`, `org:${run.org_id}`]);
  return renderRunSummary(run);
}

function forkRefusal(answer: Answer, runId: string, { fromStep }: ForkRun): ProblemError {
  const { run, call } = answer;
  switch (answer.code) {
    case "not_ended":
      return new ProblemError(
        "conflict",
        `Run ${run?.id ?? runId} is ${run?.status ?? "under way"}: cancel it first, or wait until it has ended.`,
        { runStatus: run?.status },
      );
    case "external":
      return new ProblemError(
        "conflict",
        `Run ${runId} lives elsewhere: this service has not its steps. Run it again where it lives.`,
      );
    case "no_step": {
      const path = "fromStep";
      const message = `the run has come to step ${answer.steps ?? 1}`;
      return new ProblemError("invalid_request", `There is no step ${fromStep}: ${message}.`, {
        errors: [{ path, message }],
      });
    }
    case "no_agent":
      return new ProblemError(
        "conflict",
        `Agent ${answer.agentId ?? ""} is not in this service's config any more.`,
      );
    case "origin_gone":
      return new ProblemError(
        "conflict",
        `Run ${runId} goes on from run ${answer.runId ?? ""}, which was deleted: what that was told and had begun is not known any more. Start a new run.`,
        { runId: answer.runId },
      );
    case "unsettled":
      return new ProblemError(
        "conflict",
        call?.status === "executing"
          ? `${call.name} (${call.id}) is still executing: wait until it has reported.`
          : `Nobody knows whether ${call?.name ?? "a call"} (${call?.id ?? ""}) was executed: find out and give its result first (POST /v1/runs/${call?.run_id ?? runId}/calls/${call?.id ?? ""}/result).`,
        { toolCallId: call?.id },
      );
    default:
      return runRefusal(answer, runId);
  }
}
