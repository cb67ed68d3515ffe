import { createId, type RunControlled, type ToolCallStatus } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import type { Wakeups } from "../events/wakeups.ts";
import { ProblemError } from "../problem.ts";
import { runRefusal, type RunAnswer } from "./run-refusal.ts";
import { IncreasingIds } from "./increasing-id.ts";
import { renderRunSummary, type RunRow } from "./run-row.ts";

export interface ControlRunDeps {
  database: Database;
  wakeups: Pick<Wakeups, "publish">;
}

type ControlAction = "pause" | "resume" | "cancel" | "kill";

export interface ControlRunRequest {
  credentialHash: string;
  runId: string;
  action: ControlAction;
  reason: string | undefined;
  /** Of the request, the same in every repetition of it. */
  key?: string | undefined;
}

/** By the service, to a run that another one called: what was done to that one. */
interface ControlledByCaller extends Omit<ControlRunRequest, "credentialHash"> {
  orgId: string;
  parentRunId: string;
}

interface Answer extends RunAnswer {
  isParentWoken?: boolean | null;
  /** Those that are not over, of the runs that it called. */
  children?: string[] | null;
  run?: RunRow;
  holdIds?: string[] | null;
  calls?: { id: string; name: string; status: ToolCallStatus }[];
}

/** Holds and calls that one run may have open at a time, for a first try; more are counted and asked for again. */
const FIRST_GUESS = 16;
const MAX_TRIES = 10;

/**
 * An operator takes a run in hand: one round trip, however many instances there are. Afterwards a pause is on its way or
 * done, a cancelled run is over for everybody (its holds are closed, whoever works on it is fenced and told within
 * milliseconds by a wake-up), and the answer says what was completed, what not, and what nobody knows.
 *
 * What it does is done to the runs that it called too, one after the other. In between a crash leaves one that goes on, until it
 * is done again or, for an end, `sweepNestedRuns` finds it.
 *
 * Throws `run_ended` for a run that is over (cancelling what was cancelled is no error), `conflict` for resuming what is
 * not paused, `not_allowed` and `not_found`.
 */
export async function controlRun(deps: ControlRunDeps, request: ControlRunRequest): Promise<RunControlled> {
  return control(deps, request);
}

/** Changes nothing where the run is in another state by then. */
export async function controlRunAsCaller(deps: ControlRunDeps, request: ControlledByCaller): Promise<void> {
  await controlAsCaller(deps, request);
}

async function controlAsCaller(
  deps: ControlRunDeps,
  request: ControlledByCaller,
): Promise<RunControlled | undefined> {
  try {
    return await control(deps, request);
  } catch (error) {
    if (error instanceof ProblemError && (error.code === "run_ended" || error.code === "conflict"))
      return undefined;
    throw error;
  }
}

async function control(
  deps: ControlRunDeps,
  request: ControlRunRequest | ControlledByCaller,
): Promise<RunControlled> {
  let room = FIRST_GUESS;
  const key = request.key ?? createId("evt");
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    // The ids say in which order the log tells it: the holds, what is unknown now, and then that the run is over.
    const ids = new IncreasingIds();
    const some = (): string[] => Array.from({ length: room }, () => ids.next("evt"));
    const events = { holdEventIds: some(), callEventIds: some(), eventId: ids.next("evt") };
    const answer = (await deps.database.callIdempotent("control_run_v1", {
      ...request,
      ...events,
      key,
    })) as Answer & { room?: number };
    // Holds came while it was asked: nothing was done.
    if (answer.code === "again") {
      room = Math.max(room, (answer.room ?? 0) + FIRST_GUESS);
      continue;
    }
    const controlled = finish(deps, request, answer);
    const { run, children } = answer;
    if (run?.parent_run_id != null && answer.isParentWoken === false) {
      await deps.database.callIdempotent("wake_run_v1", run.org_id, run.parent_run_id);
      deps.wakeups.publish(["advance"]);
    }
    const below: RunControlled[] = [];
    for (const child of children ?? []) {
      const [orgId, parentRunId] = [controlled.orgId, controlled.id];
      const its = await controlAsCaller(deps, { ...told(request), orgId, parentRunId, runId: child });
      if (its !== undefined) below.push(its);
    }
    return withReportsOf(controlled, below);
  }
  throw new ProblemError(
    "conflict",
    `Run ${request.runId} changes too fast just now. Send the request again.`,
  );
}

function told({ action, reason }: Pick<ControlRunRequest, "action" | "reason">): {
  action: ControlAction;
  reason: string | undefined;
} {
  return { action, reason };
}

function withReportsOf(controlled: RunControlled, below: readonly RunControlled[]): RunControlled {
  const { report } = controlled;
  if (report === null) return controlled;
  const all = (of: keyof typeof report) => [
    ...report[of],
    ...below.flatMap(({ path, report: its }) =>
      (its?.[of] ?? []).map((call) => ({ ...call, path: call.path ?? path ?? [] })),
    ),
  ];
  return {
    ...controlled,
    report: { completed: all("completed"), notCompleted: all("notCompleted"), unknown: all("unknown") },
  };
}

function finish(
  deps: ControlRunDeps,
  request: ControlRunRequest | ControlledByCaller,
  answer: Answer,
): RunControlled {
  const { run, calls = [], holdIds } = answer;
  if (answer.code === "run_ended" && run !== undefined) {
    throw new ProblemError(
      "run_ended",
      `Run ${run.id} is ${run.status} already: there is nothing to ${request.action}.`,
      {
        runStatus: run.status,
      },
    );
  }
  if (answer.code === "not_paused" && run !== undefined)
    throw new ProblemError("conflict", `Run ${run.id} is not paused; it is ${run.status}.`, {
      runStatus: run.status,
    });
  if ((answer.code !== "ok" && answer.code !== "unchanged") || run === undefined)
    throw runRefusal(answer, request.runId);
  if (answer.code === "ok") {
    deps.wakeups.publish([
      ...[run.id, ...(run.ancestors ?? [])].map((id) => `run:${id}`),
      `org:${run.org_id}`,
      `control:${run.id}`,
      "advance",
      ...(holdIds ?? []).map((id) => `hold:${id}`),
    ]);
  }
  return { ...renderRunSummary(run), report: run.status === "cancelled" ? reportOf(calls) : null };
}

/** What became of the run's calls (R99). */
function reportOf(calls: NonNullable<Answer["calls"]>): RunControlled["report"] {
  const named = (wanted: (status: ToolCallStatus) => boolean) =>
    calls.filter(({ status }) => wanted(status)).map(({ id, name, status }) => ({ id, name, status }));
  const isUnknown = (status: ToolCallStatus) => status === "unknown" || status === "executing";
  return {
    completed: named((status) => status === "succeeded"),
    notCompleted: named((status) => status !== "succeeded" && !isUnknown(status)),
    unknown: named(isUnknown),
  };
}
