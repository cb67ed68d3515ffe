import { createId, type JsonObject } from "@holdpoint/protocol";
import type { DefinedTool } from "../agents/tool.ts";
import type { HoldRow } from "../holds/hold-row.ts";
import { askedAgain, whyNotEnough } from "../policies/asked-again.ts";
import type { Ruling } from "../policies/ruling.ts";
import { holdForCall } from "./propose-call.ts";
import type { CallRow, RunRow } from "./run-row.ts";
import { contextOf, nextAttempt, type RunWork } from "./run-work.ts";

/** I8: the approval was for something else than what would run now, or fewer people than now needed have given it. */
export function whyAskAgain(hold: HoldRow, actionHash: string, ruling: Ruling): string | undefined {
  if (hold.outcome?.actionHash !== actionHash) return "The tool was changed after the approval.";
  return whyNotEnough(hold, ruling);
}

export interface AskAgain {
  call: CallRow;
  hold: HoldRow;
  tool: DefinedTool;
  args: JsonObject;
  ruling: Ruling;
  why: string;
}

export async function askAgain(
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
