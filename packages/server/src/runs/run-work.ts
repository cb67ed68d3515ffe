import type { Logger } from "pino";
import { isTerminalRun, type JsonObject } from "@holdpoint/protocol";
import type { DefinedAgent } from "../agents/agent.ts";
import type { Models } from "../agents/models/models.ts";
import type { Registry } from "../agents/registry.ts";
import type { CallContext, ToolDatabase } from "../agents/tool-context.ts";
import type { PolicyDeps, Ruling } from "../policies/ruling.ts";
import type { Database } from "../database/database.ts";
import type { DefinedNeed } from "../connections/connection-needs.ts";
import type { Connections } from "../connections/connections.ts";
import type { ToolHooks } from "../clarifications/tool-hooks.ts";
import { callContext } from "./call-context.ts";
import type { Commit } from "./commit.ts";
import type { Journal } from "./journal.ts";
import type { ChildRow, LoadedRun } from "./loaded-run.ts";
import type { CallRow, RunRow } from "./run-row.ts";

/** What the parts of a worker share. */
export interface RunDeps extends PolicyDeps {
  database: Database;
  toolDatabase: ToolDatabase;
  registry: Registry;
  models: Models;
  logger: Logger;
  /** Shared by all instances on this database (R244). Undefined: no limit. */
  modelCallsPerMinute: number | undefined;
  random: () => number;
  /** Ends the runs that were called by one that has ended. */
  sweepNested: () => Promise<unknown>;
  /** End users' accounts at providers. Undefined where the service has none. */
  connections: Connections | undefined;
  /** Whether an agent that is not found is gone for good, so that nobody waits for its runs any more. */
  isAgentGone: () => boolean;
  /** Of the config, around the calls of all agents. */
  hooks: ToolHooks;
}

/** One worker's work on one run, while it has the lease. */
export interface RunWork {
  deps: RunDeps;
  journal: Journal;
  logger: Logger;
  /** The service stops: begin nothing new, and break off what can be repeated. */
  stopping: AbortSignal;
  /** The lease is lost, or the service cannot wait any longer. */
  lost: AbortSignal;
  /** The policy's word on calls of this turn, so that it is not asked twice in a row. By call id. */
  rulings: Map<string, Ruling>;
  /** Runs that the calls of this turn have called. */
  children: readonly ChildRow[];
  /** The accounts that the calls of this turn need, so that one prompt covers several. */
  needs: readonly DefinedNeed[];
  /** Standing permissions that the database has refused for a call, by call id. */
  spentGrants: Map<string, Set<string>>;
  /** Read once when the run is taken: it does not change while a run of it is not over. */
  agent: DefinedAgent | undefined;
}

/** Whether the worker goes on with the run at once or gives it out of its hands. */
export type Progress = "again" | "done";

export function contextOf(
  work: RunWork,
  run: RunRow,
  call: { id: string; attempt: number; hold_id: string | null },
): CallContext {
  return callContext({
    run,
    callId: call.id,
    attempt: call.attempt,
    holdId: call.hold_id,
    signal: work.lost,
    database: work.deps.toolDatabase,
    logger: work.logger,
  });
}

/** The attempt that would come. */
export function nextAttempt(call: CallRow): CallRow {
  return { ...call, attempt: call.attempt + 1 };
}

/**
 * Ends the run with its cause. Holds that are open are withdrawn first; what was approved and not started will not be
 * executed, and nobody shall wait for it.
 */
export async function failRun(
  work: RunWork,
  loaded: LoadedRun,
  error: JsonObject & { code: string; message: string },
): Promise<Progress> {
  // One that another run's call asked first is that run's.
  const pending = loaded.holds.filter(
    ({ status, run_id }) => status === "pending" && run_id === loaded.run.id,
  ).length;
  if (pending > 0) {
    await work.journal.closeHolds(pending, error.message);
    return failRun(work, await work.journal.load(), error);
  }
  const { run, step, calls, holds } = loaded;
  const open = calls.filter(({ status }) => ["approved", "proposed", "suspended"].includes(status));
  const released = holds.filter(
    ({ id, fulfilment }) =>
      (fulfilment === "waiting" || fulfilment === "executing") && open.some((call) => call.hold_id === id),
  );
  const commit: Commit = {
    run: { from: run.status, status: "failed", error, endReason: error.code },
    callChanges: open.map(({ id, status }) => ({ id, from: status, status: "cancelled", error })),
    holdChanges: released.map(({ id, fulfilment }) => ({
      id,
      from: fulfilment,
      fulfilment: "failed",
      execution: { error },
    })),
    events: [{ type: "run.failed", data: { error, step: run.step } }],
  };
  if (step?.status === "running") {
    commit.step = {
      id: step.id,
      position: step.position,
      model: step.model,
      status: "failed",
      text: step.text,
      error,
    };
  }
  await work.journal.commit("fail", commit);
  if (loaded.children.some(({ status }) => !isTerminalRun(status))) await work.deps.sweepNested();
  work.logger.error(
    { error, holdIds: released.map(({ id }) => id) },
    `Run ${run.id} failed: ${error.message}`,
  );
  return "done";
}

/** The agent of the run; undefined when this service's config does not have it any more. */
export function agentOf(work: RunWork): DefinedAgent | undefined {
  return work.agent;
}
