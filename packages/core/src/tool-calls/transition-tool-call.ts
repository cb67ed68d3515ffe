import {
  isTerminalToolCall,
  nextStatus,
  TOOL_CALL_LEGALITY,
  type EventType,
  type ToolCallCommand,
  type ToolCallStatus,
} from "@holdpoint/protocol";
import { assertNever } from "../assert-never.ts";

/** What the state machine needs to know of a call that the model proposed. */
export interface ToolCallState {
  id: string;
  status: ToolCallStatus;
  /** Hash of the action as proposed. */
  actionHash: string;
  /** The hash that was approved: of the action, or of what a reviewer made of it. Null until then. */
  approvedHash: string | null;
  /** The hold whose decision it needs, or has. Questions that it asked itself are others. */
  holdId: string | null;
  /** How often it was started. */
  attempt: number;
  /** The tool may be started again with the same idempotency key. */
  isIdempotent: boolean;
}

export type ToolCallInput =
  | { type: "gate"; holdId: string; actionHash: string }
  | { type: "approve"; holdId: string; actionHash: string }
  | { type: "reject" | "skip" | "expire"; holdId: string }
  | { type: "cancel" }
  /** An unknown tool, or arguments that do not fit (I10). */
  | { type: "refuse" }
  /** `isAutomatic`: the policy lets it run by itself; needed exactly where nobody approved it. */
  | { type: "start"; actionHash: string; isAutomatic: boolean }
  /** It asked a person something, in these holds; the hold that approved it stays what it is (I1). */
  | { type: "suspend"; holdIds: readonly string[] }
  /** `openHoldIds`: those of the holds that it asked in which nobody has settled yet. */
  | { type: "resume"; openHoldIds: readonly string[] }
  | { type: "succeed" }
  | { type: "fail" }
  /** The process died between starting and recording. */
  | { type: "lose" }
  /** A person found that it did not happen, or the tool is idempotent: the only second starts but `resume` (I2). */
  | { type: "retry"; because: "answered" | "idempotent" }
  /** A person gives its result, or says that it failed. */
  | { type: "takeOver" | "takeOverFailed" };

export type ToolCallEffect =
  | { type: "record"; event: EventType }
  /** Nobody knows what happened: a hold asks a person. */
  | { type: "askWhatHappened"; toolCallId: string };

export type ToolCallRejection =
  | { code: "call_ended"; status: ToolCallStatus }
  /** Not the bytes that were approved, or not approved at all (I1). */
  | { code: "action_changed"; expected: string | null; received: string }
  | { code: "not_approved"; status: ToolCallStatus }
  /** The outcome of another hold than the one this call waits for. */
  | { code: "other_hold"; expected: string | null; received: string }
  | { code: "not_idempotent" }
  | { code: "nothing_asked" }
  | { code: "question_open"; holdIds: readonly string[] }
  | { code: "conflict"; status: ToolCallStatus; command: ToolCallCommand };

export interface ToolCallTransition {
  next: ToolCallState;
  effects: ToolCallEffect[];
}

/** Applies a command to a tool call. Without an approval of the same bytes nothing that is gated ever starts (I1). */
export function transitionToolCall(
  call: ToolCallState,
  command: ToolCallInput,
): ToolCallTransition | ToolCallRejection {
  if (isTerminalToolCall(call.status)) return { code: "call_ended", status: call.status };
  const status = nextStatus<ToolCallStatus>(TOOL_CALL_LEGALITY[command.type], call.status);
  if (status === undefined) return { code: "conflict", status: call.status, command: command.type };
  const refusal = refusalOf(call, command);
  if (refusal !== undefined) return refusal;
  return { next: { ...call, status, ...changesOf(call, command) }, effects: effectsOf(call, command) };
}

function refusalOf(call: ToolCallState, command: ToolCallInput): ToolCallRejection | undefined {
  switch (command.type) {
    case "approve":
    case "reject":
    case "skip":
    case "expire":
      if (command.holdId === call.holdId) return undefined;
      return { code: "other_hold", expected: call.holdId, received: command.holdId };
    case "start":
      return refusalOfStart(call, command);
    case "suspend":
      return command.holdIds.length === 0 ? { code: "nothing_asked" } : undefined;
    case "resume":
      return command.openHoldIds.length === 0
        ? undefined
        : { code: "question_open", holdIds: command.openHoldIds };
    case "retry":
      return command.because === "idempotent" && !call.isIdempotent ? { code: "not_idempotent" } : undefined;
    default:
      return undefined;
  }
}

function refusalOfStart(
  call: ToolCallState,
  command: Extract<ToolCallInput, { type: "start" }>,
): ToolCallRejection | undefined {
  if (call.status === "proposed" && !command.isAutomatic)
    return { code: "not_approved", status: call.status };
  const expected = call.status === "proposed" ? call.actionHash : call.approvedHash;
  return command.actionHash === expected
    ? undefined
    : { code: "action_changed", expected, received: command.actionHash };
}

function changesOf(call: ToolCallState, command: ToolCallInput): Partial<ToolCallState> {
  switch (command.type) {
    case "gate": // I8: whatever was approved before counts no more
      return { holdId: command.holdId, actionHash: command.actionHash, approvedHash: null };
    case "approve":
      return { approvedHash: command.actionHash };
    case "start":
    case "resume":
    case "retry":
      return { attempt: call.attempt + 1 };
    case "reject":
    case "skip":
    case "expire":
    case "cancel":
    case "refuse":
    case "succeed":
    case "fail":
    case "lose":
    case "suspend":
    case "takeOver":
    case "takeOverFailed":
      return {};
    default:
      return assertNever(command);
  }
}

/** What the hold's own event already says (gated, decided, expired) is not recorded twice (I5). */
function effectsOf(call: ToolCallState, command: ToolCallInput): ToolCallEffect[] {
  switch (command.type) {
    case "start":
      return [record(call.status === "proposed" ? "action.auto_proceeded" : "action.executing")];
    case "resume":
    case "retry":
      return [record("action.executing")];
    case "suspend":
      return [record("action.suspended")];
    case "succeed":
      return [record("action.executed")];
    case "fail":
      return [record("action.failed")];
    case "refuse":
      return [record("action.refused")];
    case "takeOver":
    case "takeOverFailed":
      return [record("action.taken_over")];
    case "lose":
      if (call.isIdempotent) return [record("action.unknown")];
      return [record("action.unknown"), { type: "askWhatHappened", toolCallId: call.id }];
    default:
      return [];
  }
}

function record(event: EventType): ToolCallEffect {
  return { type: "record", event };
}
