import { describe, expect, test } from "vitest";
import {
  allowedVerdicts,
  FULFILMENTS,
  HOLD_KINDS,
  HOLD_STATUSES,
  isTerminalFulfilment,
  isTerminalHold,
  isTerminalRun,
  isTerminalToolCall,
  nextHoldStatus,
  RUN_STATUSES,
  TOOL_CALL_STATUSES,
} from "./legality.ts";

test("which verdicts are offered for which kind", () => {
  expect(Object.fromEntries(HOLD_KINDS.map((kind) => [kind, allowedVerdicts(kind, "pending")]))).toEqual({
    approval: ["approve", "modify", "reject", "skip"],
    clarification: ["reject", "answer"],
    authorization: ["reject", "answer"],
    escalation: ["approve", "modify", "reject", "answer"],
  });
});

test("an escalation about an unknown execution can only be answered", () => {
  expect(allowedVerdicts("escalation", "pending", { unknownExecution: true })).toEqual(["answer"]);
});

test("nothing is offered once a hold has ended (I3)", () => {
  for (const kind of HOLD_KINDS) {
    for (const status of HOLD_STATUSES)
      if (status !== "pending") expect(allowedVerdicts(kind, status)).toEqual([]);
  }
});

test("only an approval can be approved by time", () => {
  expect(
    HOLD_KINDS.filter((kind) => nextHoldStatus("timeoutApprove", kind, "pending") !== undefined),
  ).toEqual(["approval"]);
});

describe("what is over", () => {
  test("holds", () => expect(HOLD_STATUSES.filter((status) => !isTerminalHold(status))).toEqual(["pending"]));
  test("fulfilment", () => expect(FULFILMENTS.filter(isTerminalFulfilment)).toEqual(["executed", "failed"]));
  test("runs", () =>
    expect(RUN_STATUSES.filter(isTerminalRun)).toEqual(["completed", "failed", "cancelled"]));
  test("tool calls", () => {
    expect(TOOL_CALL_STATUSES.filter(isTerminalToolCall)).toEqual([
      "rejected",
      "skipped",
      "expired",
      "cancelled",
      "succeeded",
      "failed",
    ]);
  });
});
