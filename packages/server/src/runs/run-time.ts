import type { Run, RunStatus } from "@holdpoint/protocol";

/** Of holdpoint.runs: how long it was in which state before the one that it is in. Kept by a trigger. Null counts as 0. */
export interface TimeColumns {
  queued_ms: number | null;
  running_ms: number | null;
  holding_ms: number | null;
  paused_ms: number | null;
  /** Null: it is in its first state. */
  state_since: string | null;
}

export function timeOf(
  run: TimeColumns & { status: RunStatus; created_at: string },
  now: string,
): Run["time"] {
  const current = Math.max(0, Date.parse(now) - Date.parse(run.state_since ?? run.created_at));
  const inState = (status: RunStatus, before: number | null): number =>
    Math.round((before ?? 0) + (run.status === status ? current : 0));
  return {
    queuedMs: inState("queued", run.queued_ms),
    runningMs: inState("running", run.running_ms),
    holdingMs: inState("holding", run.holding_ms),
    pausedMs: inState("paused", run.paused_ms),
  };
}
