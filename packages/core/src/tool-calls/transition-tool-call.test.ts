import { describe, expect, test } from "vitest";
import { transitionToolCall, type ToolCallInput, type ToolCallState } from "./transition-tool-call.ts";

const proposed: ToolCallState = {
  id: "call_1",
  status: "proposed",
  actionHash: "h1",
  approvedHash: null,
  holdId: null,
  attempt: 0,
  isIdempotent: false,
};

function after(start: ToolCallState, ...commands: ToolCallInput[]): ToolCallState {
  return commands.reduce((state, command) => {
    const result = transitionToolCall(state, command);
    if ("code" in result) throw new Error(JSON.stringify(result));
    return result.next;
  }, start);
}

const gated = after(proposed, { type: "gate", holdId: "hold_1", actionHash: "h1" });
const approved = after(gated, { type: "approve", holdId: "hold_1", actionHash: "h1" });
const executing = after(approved, { type: "start", actionHash: "h1", isAutomatic: false });

describe("what starts", () => {
  test("an approved call, with the bytes that were approved", () => {
    expect(executing).toMatchObject({ status: "executing", attempt: 1 });
    expect(transitionToolCall(approved, { type: "start", actionHash: "h2", isAutomatic: true })).toEqual({
      code: "action_changed",
      expected: "h1",
      received: "h2",
    });
  });

  test("a modified call, with the bytes of the modification only", () => {
    const modified = after(gated, { type: "approve", holdId: "hold_1", actionHash: "h2" });
    expect(
      transitionToolCall(modified, { type: "start", actionHash: "h1", isAutomatic: false }),
    ).toHaveProperty("code", "action_changed");
    expect(after(modified, { type: "start", actionHash: "h2", isAutomatic: false })).toHaveProperty(
      "status",
      "executing",
    );
  });

  test("a proposed call only where the policy lets it", () => {
    const start = { type: "start", actionHash: "h1" } as const;
    expect(transitionToolCall(proposed, { ...start, isAutomatic: false })).toEqual({
      code: "not_approved",
      status: "proposed",
    });
    expect(transitionToolCall(proposed, { ...start, isAutomatic: true })).toMatchObject({
      next: { status: "executing" },
      effects: [{ event: "action.auto_proceeded" }],
    });
  });

  test("nothing that is gated, whatever is said about the policy", () => {
    expect(transitionToolCall(gated, { type: "start", actionHash: "h1", isAutomatic: true })).toHaveProperty(
      "code",
      "conflict",
    );
  });

  test("nothing twice (I2)", () => {
    expect(
      transitionToolCall(executing, { type: "start", actionHash: "h1", isAutomatic: true }),
    ).toHaveProperty("code", "conflict");
  });
});

test("the outcome of another hold moves nothing (defect 8)", () => {
  for (const type of ["reject", "skip", "expire"] as const) {
    expect(transitionToolCall(gated, { type, holdId: "hold_2" })).toEqual({
      code: "other_hold",
      expected: "hold_1",
      received: "hold_2",
    });
  }
  expect(transitionToolCall(gated, { type: "approve", holdId: "hold_2", actionHash: "h1" })).toHaveProperty(
    "code",
    "other_hold",
  );
});

test("gated again, it forgets what was approved (I8)", () => {
  const again = after(approved, { type: "gate", holdId: "hold_2", actionHash: "h9" });
  expect(again).toMatchObject({ status: "gated", holdId: "hold_2", actionHash: "h9", approvedHash: null });
  expect(transitionToolCall(again, { type: "approve", holdId: "hold_1", actionHash: "h1" })).toHaveProperty(
    "code",
    "other_hold",
  );
});

describe("a suspended call", () => {
  const suspended = after(executing, { type: "suspend", holdIds: ["hold_2", "hold_3"] });

  test("is recorded as such, and keeps the approval that it started by (I1)", () => {
    expect(transitionToolCall(executing, { type: "suspend", holdIds: ["hold_2"] })).toMatchObject({
      next: { status: "suspended", holdId: "hold_1", approvedHash: "h1" },
      effects: [{ event: "action.suspended" }],
    });
    expect(transitionToolCall(executing, { type: "suspend", holdIds: [] })).toEqual({
      code: "nothing_asked",
    });
  });

  test("starts again when nothing that it asked is open any more, and by nothing else (I2)", () => {
    expect(transitionToolCall(suspended, { type: "resume", openHoldIds: ["hold_3"] })).toEqual({
      code: "question_open",
      holdIds: ["hold_3"],
    });
    for (const command of [
      { type: "start", actionHash: "h1", isAutomatic: true },
      { type: "retry", because: "answered" },
    ] as const)
      expect(transitionToolCall(suspended, command)).toHaveProperty("code", "conflict");
    expect(transitionToolCall(suspended, { type: "resume", openHoldIds: [] })).toMatchObject({
      next: { status: "executing", attempt: 2, holdId: "hold_1", approvedHash: "h1" },
      effects: [{ event: "action.executing" }],
    });
  });
});

describe("a lost outcome", () => {
  const lost = after(executing, { type: "lose" });

  test("is asked about", () => {
    expect(transitionToolCall(executing, { type: "lose" })).toMatchObject({
      effects: [{ event: "action.unknown" }, { type: "askWhatHappened", toolCallId: "call_1" }],
    });
  });

  test("starts again by a person's word only", () => {
    expect(transitionToolCall(lost, { type: "retry", because: "idempotent" })).toEqual({
      code: "not_idempotent",
    });
    expect(after(lost, { type: "retry", because: "answered" })).toMatchObject({
      status: "executing",
      attempt: 2,
    });
  });

  test("of an idempotent tool needs nobody", () => {
    const idempotent = { ...executing, isIdempotent: true };
    expect(transitionToolCall(idempotent, { type: "lose" })).toMatchObject({
      effects: [{ event: "action.unknown" }],
    });
    expect(after(idempotent, { type: "lose" }, { type: "retry", because: "idempotent" })).toHaveProperty(
      "status",
      "executing",
    );
  });
});

test("an unknown tool or bad arguments fail without a start (I10)", () => {
  expect(transitionToolCall(proposed, { type: "refuse" })).toMatchObject({
    next: { status: "failed", attempt: 0 },
    effects: [{ event: "action.refused" }],
  });
});
