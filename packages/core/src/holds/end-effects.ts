import type { EventType, HoldStatus, ToolCallCommand } from "@holdpoint/protocol";
import type { Effect } from "./hold-command.ts";
import type { HoldState } from "./hold-state.ts";

/** What an approval's outcome does to the call that it held. */
const CALL_COMMAND = {
  pending: null,
  approved: "approve",
  modified: "approve",
  rejected: "reject",
  skipped: "skip",
  answered: null,
  expired: "expire",
  cancelled: "cancel",
} as const satisfies Record<HoldStatus, ToolCallCommand | null>;

/** What follows when a hold has just ended: one record, the call takes the outcome, the run goes on, people are told. */
export function endEffects(hold: HoldState, event: EventType): Effect[] {
  const effects: Effect[] = [
    {
      type: "record",
      event,
      decision: hold.status,
      by: hold.outcome?.by ?? null,
      rationale: hold.outcome?.comment ?? null,
    },
  ];
  const command = CALL_COMMAND[hold.status];
  // A question that a tool asked, or one about a lost execution, is read by the run itself.
  if (hold.kind === "approval" && hold.toolCallId !== null && command !== null) {
    const actionHash = hold.outcome?.actionHash ?? null;
    effects.push({ type: "moveToolCall", toolCallId: hold.toolCallId, command, actionHash });
  }
  if (hold.runId !== null) effects.push({ type: "advanceRun", runId: hold.runId });
  effects.push({ type: "notify", holdId: hold.id, about: "ended" });
  return effects;
}
