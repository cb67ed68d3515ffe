import type { Database } from "../database/database.ts";
import type { Wakeups } from "../events/wakeups.ts";
import { controlRunAsCaller } from "./control-run.ts";

export interface NestedRunsDeps {
  database: Database;
  wakeups: Pick<Wakeups, "publish">;
}

interface Orphan {
  orgId: string;
  runId: string;
  parentRunId: string;
  action: "cancel" | "kill";
  reason: string | null;
}

const BATCH = 50;

/**
 * What a process that died left undone between a run and the one that it called: callers are woken whose agent has ended, and
 * runs are ended whose caller has. Any instance may do it, as often as it likes. Resolves to how many were.
 */
export async function sweepNestedRuns(deps: NestedRunsDeps): Promise<number> {
  let swept = 0;
  for (;;) {
    const { woken, orphans } = (await deps.database.callIdempotent("sweep_nested_v1", BATCH)) as {
      woken: number;
      orphans: Orphan[];
    };
    if (woken > 0) deps.wakeups.publish(["advance"]);
    // One after the other: each is a transaction of its own, and ends what it called in turn.
    for (const { reason, ...orphan } of orphans)
      await controlRunAsCaller(deps, { ...orphan, reason: reason ?? undefined });
    swept += woken + orphans.length;
    if (woken < BATCH && orphans.length < BATCH) return swept;
  }
}
