import { isTerminalRun, type listRunsSchema, type Run, type RunSummary } from "@holdpoint/protocol";
import type { z } from "zod";
import type { Database } from "../database/database.ts";
import { waitFor } from "../events/wait-for.ts";
import type { Wakeups } from "../events/wakeups.ts";
import { decodeCursor, encodeCursor } from "../database/cursor.ts";
import { runRefusal, type RunAnswer } from "./create-run.ts";
import { renderRun, renderRunSummary, type RunParts, type RunRow } from "./run-row.ts";

/** One run with its messages, calls, holds and steps. One round trip; throws `not_found` also for what is another's. */
export async function getRun(database: Database, credentialHash: string, runId: string): Promise<Run> {
  const answer = (await database.callIdempotent("get_run_v1", credentialHash, runId)) as RunAnswer & RunParts;
  if (answer.code !== "ok") throw runRefusal(answer, runId);
  return renderRun(answer);
}

export interface WaitForRun {
  database: Database;
  wakeups: Wakeups;
  credentialHash: string;
  runId: string;
  timeoutSeconds: number;
  signal: AbortSignal | undefined;
  /** Default: the run has ended. */
  isDone?: (run: Run) => boolean;
}

/** Resolves with the run once it is done, or as it is when the time is over. */
export async function waitForRun(options: WaitForRun): Promise<Run> {
  return waitFor({
    wakeups: options.wakeups,
    topics: [`run:${options.runId}`],
    timeoutMs: options.timeoutSeconds * 1000,
    signal: options.signal,
    read: () => getRun(options.database, options.credentialHash, options.runId),
    isDone: options.isDone ?? ((run) => isTerminalRun(run.status)),
  });
}

export interface RunPage {
  data: RunSummary[];
  nextCursor: string | null;
}

/** A page of runs, newest first. One round trip. */
export async function listRuns(
  database: Database,
  credentialHash: string,
  query: z.output<typeof listRunsSchema>,
): Promise<RunPage> {
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, "createdAt");
  const answer = (await database.callIdempotent("list_runs_v1", {
    credentialHash,
    ...query,
    afterId: after?.id,
  })) as RunAnswer & { page: RunRow[] };
  if (answer.code !== "ok") throw runRefusal(answer, "");
  const rows = answer.page.slice(0, query.limit);
  const last = rows.at(-1);
  const hasMore = answer.page.length > query.limit && last !== undefined;
  return {
    data: rows.map(renderRunSummary),
    nextCursor: hasMore ? encodeCursor("createdAt", { id: last.id, key: null }) : null,
  };
}
