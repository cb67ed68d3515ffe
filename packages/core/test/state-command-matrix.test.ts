/*
 * Every state against every command, written out by hand. The tables are the specification: the legality data in
 * @holdpoint/protocol and the transitions in core are both held against them, cell by cell.
 */
import {
  FULFILMENT_COMMANDS,
  FULFILMENT_LEGALITY,
  FULFILMENTS,
  HOLD_COMMANDS,
  HOLD_KINDS,
  HOLD_STATUSES,
  nextHoldStatus,
  nextStatus,
  RUN_COMMANDS,
  RUN_LEGALITY,
  RUN_STATUSES,
  TOOL_CALL_COMMANDS,
  TOOL_CALL_LEGALITY,
  TOOL_CALL_STATUSES,
  type Fulfilment,
  type FulfilmentCommand,
  type HoldCommand,
  type HoldKind,
  type HoldStatus,
  type RunCommand,
  type RunStatus,
  type ToolCallCommand,
  type ToolCallStatus,
} from "@holdpoint/protocol";
import { describe, expect, test } from "vitest";
import {
  transitionFulfilment,
  transitionHold,
  transitionRun,
  transitionToolCall,
  type RunInput,
  type ToolCallInput,
} from "../src/index.ts";
import {
  ended,
  EXPIRES_AT,
  NOW,
  REVIEWER,
  sampleAction,
  sampleHold,
  sampleHoldOf,
  SYSTEM,
} from "./sample-hold.ts";
import { parseTable } from "./text-table.ts";

const HOLDS: Record<HoldKind, string> = {
  approval: `
               approve   modify    reject    skip     answer    cancel     expire   timeoutApprove
    pending    approved  modified  rejected  skipped  .         cancelled  expired  approved
    approved   .         .         .         .        .         .          .        .
    modified   .         .         .         .        .         .          .        .
    rejected   .         .         .         .        .         .          .        .
    skipped    .         .         .         .        .         .          .        .
    answered   .         .         .         .        .         .          .        .
    expired    .         .         .         .        .         .          .        .
    cancelled  .         .         .         .        .         .          .        .`,
  clarification: `
               approve   modify    reject    skip     answer    cancel     expire   timeoutApprove
    pending    .         .         rejected  .        answered  cancelled  expired  .
    approved   .         .         .         .        .         .          .        .
    modified   .         .         .         .        .         .          .        .
    rejected   .         .         .         .        .         .          .        .
    skipped    .         .         .         .        .         .          .        .
    answered   .         .         .         .        .         .          .        .
    expired    .         .         .         .        .         .          .        .
    cancelled  .         .         .         .        .         .          .        .`,
  authorization: `
               approve   modify    reject    skip     answer    cancel     expire   timeoutApprove
    pending    .         .         rejected  .        answered  cancelled  expired  .
    approved   .         .         .         .        .         .          .        .
    modified   .         .         .         .        .         .          .        .
    rejected   .         .         .         .        .         .          .        .
    skipped    .         .         .         .        .         .          .        .
    answered   .         .         .         .        .         .          .        .
    expired    .         .         .         .        .         .          .        .
    cancelled  .         .         .         .        .         .          .        .`,
  escalation: `
               approve   modify    reject    skip     answer    cancel     expire   timeoutApprove
    pending    approved  modified  rejected  .        answered  cancelled  expired  .
    approved   .         .         .         .        .         .          .        .
    modified   .         .         .         .        .         .          .        .
    rejected   .         .         .         .        .         .          .        .
    skipped    .         .         .         .        .         .          .        .
    answered   .         .         .         .        .         .          .        .
    expired    .         .         .         .        .         .          .        .
    cancelled  .         .         .         .        .         .          .        .`,
};

const FULFILMENT = `
             release  deliver    start      succeed   fail    lose     retry    abandon
  none       waiting  .          .          .         .       .        .        .
  waiting    .        delivered  executing  .         .       .        .        failed
  delivered  .        .          executing  .         .       .        .        failed
  executing  .        .          .          executed  failed  unknown  .        .
  executed   .        .          .          .         .       .        .        .
  failed     .        .          .          .         .       .        .        .
  unknown    .        .          .          executed  failed  .        waiting  .`;

const RUN = `
             start    hold     release  pause   resume   resumeHolding  complete   fail    cancel
  queued     running  .        .        .       .        .              .          failed  cancelled
  running    .        holding  .        paused  .        .              completed  failed  cancelled
  holding    .        .        running  paused  .        .              .          failed  cancelled
  paused     .        .        .        .       running  holding        .          failed  cancelled
  completed  .        .        .        .       .        .              .          .       .
  failed     .        .        .        .       .        .              .          .       .
  cancelled  .        .        .        .       .        .              .          .       .`;

const TOOL_CALL = `
             gate   approve   reject    skip     expire   cancel     refuse  start      suspend    resume     succeed    fail    lose     retry      takeOver   takeOverFailed
  proposed   gated  .         .         .        .        cancelled  failed  executing  .          .          .          .       .        .          succeeded  failed
  gated      .      approved  rejected  skipped  expired  cancelled  .       .          .          .          .          .       .        .          succeeded  failed
  approved   gated  .         .         .        .        cancelled  failed  executing  .          .          .          .       .        .          succeeded  failed
  rejected   .      .         .         .        .        .          .       .          .          .          .          .       .        .          .          .
  skipped    .      .         .         .        .        .          .       .          .          .          .          .       .        .          .          .
  expired    .      .         .         .        .        .          .       .          .          .          .          .       .        .          .          .
  cancelled  .      .         .         .        .        .          .       .          .          .          .          .       .        .          .          .
  executing  .      .         .         .        .        .          .       .          suspended  .          succeeded  failed  unknown  .          .          .
  suspended  .      .         .         .        .        cancelled  failed  .          .          executing  .          .       .        .          succeeded  failed
  succeeded  .      .         .         .        .        .          .       .          .          .          .          .       .        .          .          .
  failed     .      .         .         .        .        .          .       .          .          .          .          .       .        .          .          .
  unknown    .      .         .         .        .        .          .       .          .          .          succeeded  failed  .        executing  succeeded  failed`;

describe.each(HOLD_KINDS)("hold of kind %s", (kind) => {
  const cells = parseTable(HOLDS[kind]);

  test("the table is whole", () => expect(cells).toHaveLength(HOLD_STATUSES.length * HOLD_COMMANDS.length));

  test.each(cells)("$row, $column: $cell", ({ row, column, cell }) => {
    expect(nextHoldStatus(column as HoldCommand, kind, row as HoldStatus)).toBe(cell);
    expect(holdAfter(kind, row as HoldStatus, column as HoldCommand)).toBe(cell);
  });
});

describe("fulfilment", () => {
  const cells = parseTable(FULFILMENT);

  test("the table is whole", () =>
    expect(cells).toHaveLength(FULFILMENTS.length * FULFILMENT_COMMANDS.length));

  test.each(cells)("$row, $column: $cell", ({ row, column, cell }) => {
    expect(nextStatus<Fulfilment>(FULFILMENT_LEGALITY[column as FulfilmentCommand], row as Fulfilment)).toBe(
      cell,
    );
    if (column === "release") return; // happens by a decision only
    expect(fulfilmentAfter(row as Fulfilment, column as Exclude<FulfilmentCommand, "release">)).toBe(cell);
  });
});

describe("run", () => {
  const cells = parseTable(RUN);

  test("the table is whole", () => expect(cells).toHaveLength(RUN_STATUSES.length * RUN_COMMANDS.length));

  test.each(cells)("$row, $column: $cell", ({ row, column, cell }) => {
    expect(nextStatus<RunStatus>(RUN_LEGALITY[column as RunCommand], row as RunStatus)).toBe(cell);
    expect(runAfter(row as RunStatus, column as RunCommand)).toBe(cell);
  });
});

describe("tool call", () => {
  const cells = parseTable(TOOL_CALL);

  test("the table is whole", () =>
    expect(cells).toHaveLength(TOOL_CALL_STATUSES.length * TOOL_CALL_COMMANDS.length));

  test.each(cells)("$row, $column: $cell", ({ row, column, cell }) => {
    const [status, command] = [row as ToolCallStatus, column as ToolCallCommand];
    expect(nextStatus<ToolCallStatus>(TOOL_CALL_LEGALITY[command], status)).toBe(cell);
    expect(toolCallAfter(status, command)).toBe(cell);
  });
});

function holdAfter(kind: HoldKind, status: HoldStatus, command: HoldCommand): HoldStatus | undefined {
  const reversible = { ...sampleAction(), reversibility: "reversible" as const };
  const open = sampleHoldOf(kind, {
    action: kind === "approval" ? reversible : null,
    onTimeout: command === "timeoutApprove" ? "approve" : "reject",
  });
  const hold = ended(open, status);
  switch (command) {
    case "cancel":
      return statusOf(transitionHold(hold, { type: "cancel", by: SYSTEM }, NOW));
    case "expire":
      return statusOf(transitionHold(hold, { type: "timeout" }, EXPIRES_AT));
    case "timeoutApprove": {
      // Where time cannot approve it expires instead; that cell is the one of "expire".
      const after = statusOf(transitionHold(hold, { type: "timeout" }, EXPIRES_AT));
      return after === "expired" ? undefined : after;
    }
    default: {
      const answer = kind === "escalation" ? { guidance: "Look again." } : true;
      const change = kind === "escalation" ? { result: "43" } : { count: 10 };
      const content =
        command === "modify" ? { modifications: change } : command === "answer" ? { answer } : {};
      const by = kind === "authorization" && command === "answer" ? SYSTEM : REVIEWER;
      const decision = {
        type: "decide",
        verdict: command,
        by,
        actionHash: hold.action?.hash,
        ...content,
      } as const;
      return statusOf(transitionHold(hold, decision, NOW));
    }
  }
}

function statusOf(result: ReturnType<typeof transitionHold>): HoldStatus | undefined {
  return "code" in result ? undefined : result.next.status;
}

function fulfilmentAfter(
  fulfilment: Fulfilment,
  type: Exclude<FulfilmentCommand, "release">,
): Fulfilment | undefined {
  const hold = { ...ended(sampleHold(), "approved"), fulfilment };
  const claim = { orgId: "org_1", runId: "run_1", actionHash: sampleAction().hash };
  const result = transitionFulfilment(hold, type === "start" ? { type, ...claim } : { type });
  return "code" in result ? undefined : result.next.fulfilment;
}

function runAfter(status: RunStatus, command: RunCommand): RunStatus | undefined {
  const openHolds = command === "resumeHolding" ? 1 : 0;
  const result = transitionRun(
    { id: "run_1", status, pauseRequested: false, openHolds, version: 1 },
    runInput(command),
  );
  // What changes nothing (a pause noted for later, a repeated pause or cancel) is no transition.
  return "code" in result || result.effects.length === 0 ? undefined : result.next.status;
}

function runInput(command: RunCommand): RunInput {
  switch (command) {
    case "hold":
      return { type: command, openHolds: 1 };
    case "pause":
      return { type: command, isStepInFlight: false };
    case "resume":
    case "resumeHolding":
      return { type: "resume" };
    case "complete":
      return { type: command, endReason: "end_turn" };
    default:
      return { type: command };
  }
}

function toolCallAfter(status: ToolCallStatus, command: ToolCallCommand): ToolCallStatus | undefined {
  const call = {
    id: "call_1",
    status,
    actionHash: "a",
    approvedHash: "a",
    holdId: "h",
    attempt: 1,
    isIdempotent: false,
  };
  const result = transitionToolCall(call, toolCallInput(command));
  return "code" in result ? undefined : result.next.status;
}

function toolCallInput(command: ToolCallCommand): ToolCallInput {
  switch (command) {
    case "gate":
    case "approve":
      return { type: command, holdId: "h", actionHash: "a" };
    case "reject":
    case "skip":
    case "expire":
      return { type: command, holdId: "h" };
    case "suspend":
      return { type: command, holdIds: ["h"] };
    case "resume":
      return { type: command, openHoldIds: [] };
    case "start":
      return { type: command, actionHash: "a", isAutomatic: true };
    case "retry":
      return { type: command, because: "answered" };
    default:
      return { type: command };
  }
}
