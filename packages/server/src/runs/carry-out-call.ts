import type { JsonObject } from "@holdpoint/protocol";
import type { DefinedTool } from "../agents/tool.ts";
import { defineHooks } from "../clarifications/tool-hooks.ts";
import { underRuling, type Ruling } from "../policies/ruling.ts";
import { callAgent, toolOfAttempt } from "./call-agent.ts";
import type { FinishCall } from "./commit.ts";
import { executeTool } from "./execute-call.ts";
import { JournalConflictError, LeaseLostError } from "./journal.ts";
import { untilRecorded } from "./record-call.ts";
import type { CallRow, RunRow } from "./run-row.ts";
import { agentOf, contextOf, type RunWork } from "./run-work.ts";
import { suspendCall } from "./suspend-call.ts";

/** By what right a call starts. */
export interface Start {
  actionHash: string;
  isAutomatic: boolean;
  because?: "answered" | "idempotent" | "resumed";
  ruling?: Ruling;
}

const NO_HOOKS = defineHooks({});

/** Redeems the claim, runs the tool, and records how that ended: with a result, a failure, or a question. */
export async function carryOutCall(
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
  const { attempt } = started;
  if (work.lost.aborted) {
    await endWithout(work, call, attempt, `${call.name} was not begun: its run had been cancelled already.`);
    return undefined;
  }
  const hooks = [work.deps.hooks, agentOf(work)?.hooks ?? NO_HOOKS];
  const { toCall, ...standing } = toolOfAttempt(work, call, tool, hooks);
  const execution = await executeTool({
    ...standing,
    arguments: started.arguments,
    context: contextOf(work, row, { ...call, attempt }),
    earlier: started.earlier,
    accounts: work.deps.connections,
    needs: work.needs,
    keep: (name, value) =>
      untilRecorded(work, call, () => work.journal.keepOnce({ callId: call.id, attempt, name, value })),
  });
  await work.journal.reach("executed");
  if (execution.status === "suspended" || (toCall !== undefined && execution.status === "succeeded")) {
    const asked = { run: row, call, attempt, actionHash: start.actionHash };
    try {
      if (execution.status === "suspended") await suspendCall(work, { ...asked, ...execution });
      else if (toCall !== undefined)
        await callAgent(work, { ...asked, arguments: started.arguments, agent: toCall });
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error;
      const message = `${call.name} asked a question, or called an agent, when its run had been cancelled already.`;
      await endWithout(work, call, attempt, message);
    }
    return undefined;
  }
  if (execution.status === "failed" && work.lost.aborted) {
    // It may have broken off because it was told to: nobody knows what it has done, so nobody says that it failed.
    work.logger.error(
      { holdId: call.hold_id, toolCallId: call.id },
      `${call.name} was broken off; its outcome is unknown.`,
    );
    const unknown: FinishCall = { callId: call.id, attempt, status: "unknown" };
    await untilRecorded(work, call, () => work.journal.finishCall(unknown, call.hold_id));
    return undefined;
  }
  const counterparty =
    execution.status === "succeeded" ? counterpartyOf(work, tool, started.arguments) : undefined;
  const finish: FinishCall = { callId: call.id, attempt, counterparty, ...execution };
  await untilRecorded(work, call, () => work.journal.finishCall(finish, call.hold_id));
  return undefined;
}

/**
 * A call whose run was cancelled before it began, or before it asked: nobody else will ever write down its end. Throws
 * LeaseLostError where the run has gone to another worker instead, who does.
 */
async function endWithout(work: RunWork, call: CallRow, attempt: number, message: string): Promise<void> {
  const finish: FinishCall = {
    callId: call.id,
    attempt,
    status: "failed",
    error: { code: "AgentCancelled", message },
    isOfCancelled: true,
  };
  await untilRecorded(work, call, () => work.journal.finishCall(finish, call.hold_id));
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
