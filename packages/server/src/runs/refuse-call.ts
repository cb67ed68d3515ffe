import { toldInvalidArguments, toldUnknownTool } from "@holdpoint/core";
import type { DefinedTool } from "../agents/tool.ts";
import type { HoldRow } from "../holds/hold-row.ts";
import type { CallRow, RunRow } from "./run-row.ts";
import { agentOf, type RunWork } from "./run-work.ts";

export function findTool(work: RunWork, row: RunRow, call: CallRow): DefinedTool | undefined {
  return agentOf(work)?.tools.find(({ name }) => name === call.name);
}

/** Why a call cannot start whatever anybody said: its tool is gone, or does not take these arguments (any more). */
export function refusalOf(
  work: RunWork,
  row: RunRow,
  call: CallRow,
  tool: DefinedTool | undefined,
  args: unknown,
): string | undefined {
  if (tool === undefined)
    return toldUnknownTool(call.name, agentOf(work)?.tools.map(({ name }) => name) ?? []);
  const parsed = tool.parseArguments(args);
  return parsed.ok ? undefined : toldInvalidArguments(call.name, parsed.errors);
}

export async function refuseCall(
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
