import { toldInvalidArguments, toldUnknownTool, type Evaluation } from "@holdpoint/core";
import { createId, HoldpointError, type JsonObject } from "@holdpoint/protocol";
import { setTimeout as delay } from "node:timers/promises";
import type { DefinedTool } from "../agents/tool.ts";
import type { HoldRow } from "../holds/hold-row.ts";
import { askedAgain, whyNotEnough } from "../policies/asked-again.ts";
import { underRuling, type Ruling } from "../policies/ruling.ts";
import { isConnectionLoss } from "../database/database-error.ts";
import { executeTool } from "./execute-call.ts";
import { JournalConflictError, type FinishCall, type LoadedRun } from "./journal.ts";
import { evaluateCall, hashOfCall, holdForCall } from "./propose-call.ts";
import type { CallRow, RunRow } from "./run-row.ts";
import { agentOf, contextOf, type RunWork } from "./run-work.ts";

/** Calls that may run by themselves, all at once. The policy is asked again where another worker had asked it. */
export async function proceedWithCalls(
  work: RunWork,
  loaded: LoadedRun,
  calls: readonly CallRow[],
): Promise<void> {
  const ready: { call: CallRow; tool: DefinedTool; ruling: Ruling }[] = [];
  for (const call of calls) {
    const prepared = await prepareAutomatic(work, loaded.run, call);
    if (prepared !== undefined) ready.push({ call, ...prepared });
  }
  const runs = await Promise.allSettled(
    ready.map(({ call, tool, ruling }) =>
      run(work, loaded.run, call, tool, {
        actionHash: hashOfCall(loaded.run, call.id, tool, call.arguments as JsonObject),
        isAutomatic: true,
        ruling,
      }),
    ),
  );
  // Not before all of them have ended: a sibling that still runs here would be taken for one of a dead worker.
  for (const outcome of runs) if (outcome.status === "rejected") throw outcome.reason;
}

async function prepareAutomatic(
  work: RunWork,
  row: RunRow,
  call: CallRow,
): Promise<{ tool: DefinedTool; ruling: Ruling } | undefined> {
  const tool = findTool(work, row, call);
  const policy = await work.deps.policies.get(row.org_id);
  const known = work.rulings.get(call.id);
  if (known?.policyRevision === policy.revision && tool !== undefined && tool.toolHash === call.tool_hash)
    return { tool, ruling: known };
  const refusal = refusalOf(work, row, call, tool, call.arguments);
  if (refusal !== undefined || tool === undefined) {
    await refuseCall(work, call, null, refusal ?? "unknown tool");
    return undefined;
  }
  const args = call.arguments as JsonObject;
  const context = contextOf(work, row, nextAttempt(call));
  const ruling = await evaluateCall(work.deps, policy, {
    tool,
    arguments: args,
    context,
    step: row.step,
    withoutGrants: work.spentGrants.get(call.id),
  });
  const actionHash = hashOfCall(row, call.id, tool, args);
  const change = { id: call.id, from: "proposed" as const, actionHash, toolHash: tool.toolHash };
  if (ruling.evaluation.held) {
    const hold = await holdForCall({
      holdId: createId("hold"),
      run: row,
      callId: call.id,
      tool,
      arguments: args,
      ruling,
      context,
    });
    await work.journal.commit("gate", {
      callChanges: [{ ...change, status: "gated", holdId: hold.row.id }],
      holds: [hold],
      policyRevision: ruling.policyRevision,
    });
    return undefined;
  }
  if (tool.toolHash !== call.tool_hash) {
    await work.journal.commit("rehash", { callChanges: [{ ...change, status: "proposed" }] });
  }
  return { tool, ruling };
}

/** An approved call: exactly the approved arguments, if tool and policy are still those that the approval was about (I8). */
export async function executeApproved(
  work: RunWork,
  loaded: LoadedRun,
  call: CallRow,
  hold: HoldRow,
): Promise<void> {
  const row = loaded.run;
  const args = hold.outcome?.arguments ?? {};
  const tool = findTool(work, row, call);
  const refusal = refusalOf(work, row, call, tool, args);
  if (refusal !== undefined || tool === undefined) {
    await refuseCall(work, call, hold, refusal ?? "unknown tool");
    return;
  }
  const actionHash = hashOfCall(row, call.id, tool, args);
  const policy = await work.deps.policies.get(row.org_id);
  const context = contextOf(work, row, nextAttempt(call));
  const ruling = await evaluateCall(work.deps, policy, { tool, arguments: args, context, step: row.step });
  const why = whyAskAgain(hold, actionHash, ruling.evaluation);
  if (why !== undefined) {
    await askAgain(work, row, { call, hold, tool, args, ruling, why });
    return;
  }
  const started = await run(work, row, call, tool, { actionHash, isAutomatic: false, ruling });
  if (started !== "entitlement_lost") return;
  // Defect 34: the approval is worth what its people may decide now.
  const lost = "Whoever approved it may not approve it any more.";
  await askAgain(work, row, { call, hold, tool, args, ruling, why: lost });
}

/** A second start of a call whose outcome was lost: with the same approved bytes, under a new claim (I2). */
export async function restartCall(
  work: RunWork,
  row: RunRow,
  call: CallRow,
  tool: DefinedTool,
  start: { actionHash: string; because: "answered" | "idempotent" },
): Promise<void> {
  await run(work, row, call, tool, { ...start, isAutomatic: call.hold_id === null });
}

interface Start {
  actionHash: string;
  isAutomatic: boolean;
  because?: "answered" | "idempotent";
  ruling?: Ruling;
}

async function run(
  work: RunWork,
  row: RunRow,
  call: CallRow,
  tool: DefinedTool,
  start: Start,
): Promise<"entitlement_lost" | undefined> {
  const started = await work.journal.startCall(
    {
      callId: call.id,
      actionHash: start.actionHash,
      isAutomatic: start.isAutomatic,
      because: start.because,
      reasons: (start.ruling?.evaluation.reasons ?? []).map((reason) => ({ ...reason })),
      policyRevision: start.ruling?.policyRevision,
      ruling: underRuling(start.ruling),
    },
    call.hold_id,
  );
  if (started.code === "grant_spent") {
    evaluateWithout(work, row, call, start.ruling?.grantId ?? null);
    throw new JournalConflictError(`The grant for call ${call.id} is spent.`);
  }
  if (started.code === "entitlement_lost") return started.code;
  if (started.code !== "ok") {
    work.logger.error(
      { holdId: call.hold_id, toolCallId: call.id },
      `${call.name} was not started: ${started.code}.`,
    );
    throw new JournalConflictError(`Call ${call.id} could not start: ${started.code}.`);
  }
  if (started.grant !== null) work.deps.permissions?.used(row.org_id, started.grant);
  // From here on only what the database gave back counts: these arguments, this attempt (I1).
  const execution = await executeTool(
    tool,
    started.arguments,
    contextOf(work, row, { ...call, attempt: started.attempt }),
  );
  await work.journal.reach("executed");
  if (execution.status === "failed" && work.lost.aborted) {
    // It may have broken off because it was told to: nobody knows what it has done, so nobody says that it failed.
    work.logger.error(
      { holdId: call.hold_id, toolCallId: call.id },
      `${call.name} was broken off; its outcome is unknown.`,
    );
    await record(work, call, { callId: call.id, attempt: started.attempt, status: "unknown" });
    return undefined;
  }
  const counterparty =
    execution.status === "succeeded" ? counterpartyOf(work, tool, started.arguments) : undefined;
  await record(work, call, { callId: call.id, attempt: started.attempt, counterparty, ...execution });
  return undefined;
}

/** Somebody else took what was left of the standing permission: the policy is asked anew, without it. */
function evaluateWithout(work: RunWork, row: RunRow, call: CallRow, grantId: string | null): void {
  const spent = work.spentGrants.get(call.id) ?? new Set<string>();
  if (grantId !== null) spent.add(grantId);
  work.spentGrants.set(call.id, spent);
  work.rulings.delete(call.id);
  work.deps.permissions?.spent(row.org_id);
}

/** Whose name cannot be found out stays new. */
function counterpartyOf(work: RunWork, tool: DefinedTool, args: JsonObject): string | undefined {
  try {
    return tool.counterpartyOf(args);
  } catch (error) {
    work.logger.error({ err: error, tool: tool.name }, `With whom ${tool.name} dealt is unknown.`);
    return undefined;
  }
}

/** The attempt that would come. */
function nextAttempt(call: CallRow): CallRow {
  return { ...call, attempt: call.attempt + 1 };
}

const RECORD_AGAIN_MS = 1_000;

/**
 * Writes down how a call has ended, however long the database is away meanwhile: forgotten here, nobody would know it
 * (I2). The attempt fences it, so that it may come late. Ends without success when the service stops, or when the call
 * was taken for unknown by then.
 */
async function record(work: RunWork, call: CallRow, finish: FinishCall): Promise<void> {
  for (;;) {
    try {
      await work.journal.finishCall(finish, call.hold_id);
      return;
    } catch (error) {
      if (!isPassing(error) || work.stopping.aborted) throw error;
      work.logger.error(
        { err: error, holdId: call.hold_id, toolCallId: call.id },
        `How ${call.name} has ended cannot be recorded yet; trying again.`,
      );
      await delay(RECORD_AGAIN_MS);
    }
  }
}

/** The store is away, dead, full or busy: not for ever. */
function isPassing(error: unknown): boolean {
  return isConnectionLoss(error) || (HoldpointError.isInstance(error) && error.retryable);
}

export function findTool(work: RunWork, row: RunRow, call: CallRow): DefinedTool | undefined {
  return agentOf(work, row)?.tools.find(({ name }) => name === call.name);
}

/** Why a call cannot start whatever anybody said: its tool is gone, or does not take these arguments (any more). */
function refusalOf(
  work: RunWork,
  row: RunRow,
  call: CallRow,
  tool: DefinedTool | undefined,
  args: unknown,
): string | undefined {
  if (tool === undefined)
    return toldUnknownTool(call.name, agentOf(work, row)?.tools.map(({ name }) => name) ?? []);
  const parsed = tool.parseArguments(args);
  return parsed.ok ? undefined : toldInvalidArguments(call.name, parsed.errors);
}

async function refuseCall(
  work: RunWork,
  call: CallRow,
  hold: HoldRow | null,
  message: string,
): Promise<void> {
  const error = { code: "refused", message };
  await work.journal.commit("refuse", {
    callChanges: [{ id: call.id, from: call.status, status: "failed", error }],
    holdChanges:
      hold === null
        ? []
        : [{ id: hold.id, from: hold.fulfilment, fulfilment: "failed", execution: { error } }],
    events: [
      {
        type: "action.refused",
        toolCallId: call.id,
        holdId: hold?.id,
        actionName: call.name,
        data: { ...error },
      },
    ],
  });
  work.logger.error({ holdId: hold?.id, toolCallId: call.id }, message);
}

/** I8: the approval was for something else than what would run now, or fewer people than now needed have given it. */
function whyAskAgain(hold: HoldRow, actionHash: string, evaluation: Evaluation): string | undefined {
  if (hold.outcome?.actionHash !== actionHash) return "The tool was changed after the approval.";
  return whyNotEnough(hold, evaluation);
}

interface AskAgain {
  call: CallRow;
  hold: HoldRow;
  tool: DefinedTool;
  args: JsonObject;
  ruling: Ruling;
  why: string;
}

async function askAgain(
  work: RunWork,
  row: RunRow,
  { call, hold, tool, args, ruling, why }: AskAgain,
): Promise<void> {
  const asked = askedAgain(ruling, hold, why);
  const context = contextOf(work, row, nextAttempt(call));
  const next = await holdForCall({
    holdId: createId("hold"),
    run: row,
    callId: call.id,
    tool,
    arguments: args,
    ruling: asked,
    context,
  });
  const error = { code: "voided", message: why, holdId: next.row.id };
  await work.journal.commit("gate", {
    callChanges: [
      {
        id: call.id,
        from: "approved",
        status: "gated",
        holdId: next.row.id,
        actionHash: next.row.action_hash ?? "",
        toolHash: tool.toolHash,
      },
    ],
    holds: [next],
    policyRevision: ruling.policyRevision,
    holdChanges: [{ id: hold.id, from: hold.fulfilment, fulfilment: "failed", execution: { error } }],
    events: [
      {
        type: "action.refused",
        toolCallId: call.id,
        holdId: hold.id,
        actionName: call.name,
        data: { ...error },
      },
    ],
  });
  work.logger.warn({ holdId: hold.id, nextHoldId: next.row.id }, `${call.name} is asked about again. ${why}`);
}
