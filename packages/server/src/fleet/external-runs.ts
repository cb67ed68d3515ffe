import {
  createId,
  type EndRun,
  type Heard,
  type heartbeatSchema,
  type RunSummary,
} from "@holdpoint/protocol";
import type { z } from "zod";
import type { Database } from "../database/database.ts";
import { waitFor } from "../events/wait-for.ts";
import type { Wakeups } from "../events/wakeups.ts";
import { ProblemError } from "../problem.ts";
import { runRefusal, type RunAnswer } from "../runs/run-refusal.ts";
import { IncreasingIds } from "../runs/increasing-id.ts";
import { renderRunSummary, type RunRow } from "../runs/run-row.ts";

/**
 * Runs that live elsewhere: another process works on them and tells here that it lives. What an operator wants of one it
 * learns from the answers.
 */
export interface ExternalRunDeps {
  database: Database;
  wakeups: Wakeups;
}

export interface HeartbeatRequest {
  credentialHash: string;
  runId: string;
  body: z.output<typeof heartbeatSchema>;
  signal: AbortSignal | undefined;
}

/** How long a paused run that waits stays unheard, at most: each look while it waits is a sign of life too. */
const LONGEST_SILENCE_SECONDS = 10;

/**
 * A sign of life: one round trip. Told to pause at an interrupt point, it waits as long as it wishes to be resumed or
 * cancelled, and is heard of meanwhile. Throws `run_ended` for one that has said itself that it is over.
 */
export async function heartbeat(deps: ExternalRunDeps, request: HeartbeatRequest): Promise<Heard> {
  const { runId, credentialHash, body } = request;
  const { waitSeconds, ...command } = body;
  return waitFor({
    wakeups: deps.wakeups,
    topics: [`run:${runId}`, `control:${runId}`],
    timeoutMs: body.isInterruptPoint ? waitSeconds * 1_000 : 0,
    signal: request.signal,
    pollMs: ({ run }) =>
      1_000 * Math.min(LONGEST_SILENCE_SECONDS, run.external?.heartbeatSeconds ?? LONGEST_SILENCE_SECONDS),
    read: async () => {
      const ids = new IncreasingIds();
      const eventIds = [ids.next("evt"), ids.next("evt"), ids.next("evt")];
      const answer = (await deps.database.callIdempotent("heartbeat_v1", {
        credentialHash,
        runId,
        ...command,
        eventIds,
      })) as RunAnswer & {
        control: Heard["control"];
        run: RunRow;
        notes?: Heard["notes"] | null;
        hasChanged?: boolean;
      };
      if (answer.code !== "ok") throw refusalOf(answer, runId, "tell how it is");
      if (answer.hasChanged === true) publish(deps, answer.run);
      return { control: answer.control, run: renderRunSummary(answer.run), notes: answer.notes ?? [] };
    },
    isDone: ({ control }) => control !== "pause",
  });
}

export interface EndRequest {
  credentialHash: string;
  runId: string;
  body: EndRun;
  /** Of the request, the same in every repetition of it. */
  key: string | undefined;
}

/** Holds that one run may have open, for a first try. */
const FIRST_GUESS = 16;
const MAX_TRIES = 10;

/** The run is over, by its own word: what it left open is withdrawn. Throws `run_ended` where it was over before. */
export async function endExternalRun(deps: ExternalRunDeps, request: EndRequest): Promise<RunSummary> {
  const { body, runId } = request;
  const key = request.key ?? createId("evt");
  let room = FIRST_GUESS;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const ids = new IncreasingIds();
    const answer = (await deps.database.callIdempotent("end_external_run_v1", {
      credentialHash: request.credentialHash,
      runId,
      ...body,
      key,
      holdEventIds: Array.from({ length: room }, () => ids.next("evt")),
      eventIds: [ids.next("evt"), ids.next("evt")],
      messageId: createId("msg"),
    })) as RunAnswer & { run: RunRow; holdIds?: string[]; room?: number };
    if (answer.code === "again") {
      room = Math.max(room, (answer.room ?? 0) + FIRST_GUESS);
      continue;
    }
    if (answer.code !== "ok" && answer.code !== "repeated") throw refusalOf(answer, runId, "end it");
    if (answer.code === "ok") publish(deps, answer.run, answer.holdIds);
    return renderRunSummary(answer.run);
  }
  throw new ProblemError("conflict", `Run ${runId} changes too fast just now. Send the request again.`);
}

function publish({ wakeups }: ExternalRunDeps, run: RunRow, holdIds: readonly string[] = []): void {
  wakeups.publish([`run:${run.id}`, `org:${run.org_id}`, ...holdIds.map((id) => `hold:${id}`)]);
}

function refusalOf(answer: RunAnswer & { run?: RunRow }, runId: string, attempted: string): ProblemError {
  switch (answer.code) {
    case "not_external":
      return new ProblemError(
        "conflict",
        `Run ${runId} is carried out by this service: from elsewhere nobody can ${attempted}. Register runs of your own with POST /v1/runs.`,
      );
    case "run_ended":
      return new ProblemError("run_ended", `Run ${runId} is ${answer.run?.status ?? "over"} already.`, {
        runStatus: answer.run?.status,
      });
    default:
      return runRefusal(answer, runId);
  }
}
