import {
  isTerminalRun,
  type listRunsSchema,
  type Run,
  type RunStatus,
  type RunSummary,
} from "@holdpoint/protocol";
import type { z } from "zod";
import type { Database } from "../database/database.ts";
import { waitFor } from "../events/wait-for.ts";
import { ALL_PEOPLE } from "../identity/principal.ts";
import type { Wakeups } from "../events/wakeups.ts";
import { decodeCursor, encodeCursor } from "../database/cursor.ts";
import { runRefusal, type RunAnswer } from "./run-refusal.ts";
import type { Prices } from "../agents/price.ts";
import { renderRun, renderRunSummary, type RunParts, type RunRow } from "./run-row.ts";

/** Who may see runs, where no function of the database says it. */
export const READERS_OF_RUNS = { scopes: ["runs:*", "runs:read"], roles: ALL_PEOPLE } as const;

/** One run with its messages, calls, holds and steps. One round trip; throws `not_found` also for what is another's. */
export async function getRun(
  database: Database,
  credentialHash: string,
  runId: string,
  prices: Prices = {},
): Promise<Run> {
  const answer = (await database.callIdempotent("get_run_v1", credentialHash, runId)) as RunAnswer & RunParts;
  if (answer.code !== "ok") throw runRefusal(answer, runId);
  return renderRun(answer, prices);
}

export interface WaitForRun {
  database: Database;
  wakeups: Wakeups;
  credentialHash: string;
  runId: string;
  timeoutSeconds: number;
  signal: AbortSignal | undefined;
  prices?: Prices | undefined;
}

/**
 * The long poll: the run once it has ended or waits for a person, or as it is when the time is over. Each wake-up costs a
 * short look; the whole is read at the end.
 */
export async function waitForRun(options: WaitForRun): Promise<Run> {
  const { database, credentialHash, runId, prices } = options;
  const seen = await waitFor({
    wakeups: options.wakeups,
    topics: [`run:${runId}`],
    timeoutMs: options.timeoutSeconds * 1000,
    signal: options.signal,
    read: async () => {
      const look = (await database.callIdempotent("look_at_run_v1", credentialHash, runId)) as RunAnswer & {
        isSettled?: boolean;
      };
      if (look.code !== "ok") throw runRefusal(look, runId);
      if (look.isSettled !== true) return undefined;
      return getRun(database, credentialHash, runId, prices);
    },
    // It may have gone on between the look and the reading.
    isDone: (run) => run !== undefined && isSettled(run),
  });
  return seen ?? (await getRun(database, credentialHash, runId, prices));
}

/** Decided but not yet taken up again, a run waits for nobody: whoever decided wants to see what follows. */
function isSettled(run: Run): boolean {
  return (
    isTerminalRun(run.status) ||
    (run.status === "holding" && run.holds.some(({ status }) => status === "pending"))
  );
}

export interface RunPage {
  data: RunSummary[];
  nextCursor: string | null;
}

/** A page of runs, newest first. One round trip. */
export async function listRuns(
  database: Database,
  credentialHash: string,
  query: z.output<typeof listRunsSchema> & { statuses?: readonly RunStatus[] | undefined },
): Promise<RunPage> {
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, "runs");
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
    nextCursor: hasMore ? encodeCursor("runs", { id: last.id, key: null }) : null,
  };
}
