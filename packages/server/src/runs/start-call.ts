import { toldNotContinued } from "@holdpoint/core";
import { createId, type JsonObject } from "@holdpoint/protocol";
import type { DefinedTool } from "../agents/tool.ts";
import type { HoldRow } from "../holds/hold-row.ts";
import type { Ruling } from "../policies/ruling.ts";
import { askAgain, whyAskAgain } from "./ask-again.ts";
import { carryOutCall } from "./carry-out-call.ts";
import type { LoadedRun } from "./loaded-run.ts";
import { evaluateCall, hashOfCall, holdForCall } from "./propose-call.ts";
import { findTool, refusalOf, refuseCall } from "./refuse-call.ts";
import type { CallRow, RunRow } from "./run-row.ts";
import { contextOf, nextAttempt, type RunWork } from "./run-work.ts";

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
      carryOutCall(work, loaded.run, call, tool, {
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
    callers: row.callers,
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
  const ruling = await evaluateCall(work.deps, policy, {
    tool,
    arguments: args,
    context,
    step: row.step,
    callers: row.callers,
  });
  const why = whyAskAgain(hold, actionHash, ruling);
  if (why !== undefined) {
    await askAgain(work, row, { call, hold, tool, args, ruling, why });
    return;
  }
  const started = await carryOutCall(work, row, call, tool, { actionHash, isAutomatic: false, ruling });
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
  await carryOutCall(work, row, call, tool, { ...start, isAutomatic: call.hold_id === null });
}

/**
 * Calls that have asked, and nothing of that is open any more: they start again under the same approval (I1, I2), with the
 * answers at hand. What the policy says now does not matter: they have begun already.
 */
export async function resumeCalls(
  work: RunWork,
  { run, holds }: LoadedRun,
  calls: readonly CallRow[],
): Promise<void> {
  const resumed = await Promise.allSettled(
    calls.map(async (call) => {
      const hold = holds.find(({ id }) => id === call.hold_id) ?? null;
      const tool = findTool(work, run, call);
      const args = hold === null ? (call.arguments as JsonObject) : (hold.outcome?.arguments ?? {});
      const allowed = hold === null ? call.action_hash : hold.outcome?.actionHash;
      const actionHash = tool === undefined ? undefined : hashOfCall(run, call.id, tool, args);
      if (tool === undefined || actionHash === undefined || actionHash !== allowed)
        return refuseCall(work, call, hold, toldNotContinued(call.name));
      await carryOutCall(work, run, call, tool, {
        actionHash,
        isAutomatic: hold === null,
        because: "resumed",
      });
    }),
  );
  for (const outcome of resumed) if (outcome.status === "rejected") throw outcome.reason;
}
