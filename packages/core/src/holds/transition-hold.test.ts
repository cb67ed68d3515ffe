import { actionHash } from "@holdpoint/protocol";
import { describe, expect, test } from "vitest";
import {
  anySchema,
  ended,
  NOW,
  REVIEWER,
  sampleAction,
  sampleHold,
  sampleHoldOf,
} from "../../test/sample-hold.ts";
import type { DecideCommand, SchemaCheck } from "./hold-command.ts";
import { transitionHold } from "./transition-hold.ts";

const action = sampleAction();

function decide(command: Partial<DecideCommand>, hold = sampleHold(), check?: SchemaCheck) {
  return transitionHold(
    hold,
    { type: "decide", verdict: "approve", by: REVIEWER, actionHash: action.hash, ...command },
    NOW,
    check,
  );
}

describe("approve", () => {
  test("releases exactly what was shown", () => {
    expect(decide({ comment: "fine" })).toMatchObject({
      next: {
        status: "approved",
        fulfilment: "waiting",
        decidedAt: NOW,
        version: 2,
        outcome: {
          verdict: "approve",
          arguments: action.arguments,
          actionHash: action.hash,
          comment: "fine",
          selfDecided: false,
          by: { id: "mem_reviewer", name: "Reviewer", via: "api", verifiedBy: "session" },
        },
      },
    });
  });

  test("has one record, moves the call, wakes the run and tells people (I5)", () => {
    expect(decide({})).toMatchObject({
      effects: [
        { type: "record", event: "hold.decided", decision: "approved", by: { id: "mem_reviewer" } },
        { type: "moveToolCall", toolCallId: "call_1", command: "approve", actionHash: action.hash },
        { type: "advanceRun", runId: "run_1" },
        { type: "notify", about: "ended" },
      ],
    });
  });

  test.each([undefined, "sha256:0", sampleAction({ table_name: "users", count: 51 }).hash])(
    "is refused with the hash %s (I8)",
    (hash) => {
      expect(decide({ actionHash: hash })).toEqual({
        code: "action_changed",
        expected: action.hash,
        received: hash ?? null,
      });
    },
  );

  test("is refused together with a change: which of both was meant?", () => {
    expect(decide({ modifications: { count: 10 } })).toMatchObject({ code: "arguments_invalid" });
    expect(decide({ arguments: { count: 10 } })).toMatchObject({ code: "arguments_invalid" });
  });
});

describe("modify", () => {
  test("releases the changed arguments, with a hash of their own", () => {
    const result = decide({ verdict: "modify", modifications: { count: 10 } });
    const changed = { table_name: "users", count: 10 };
    const hash = actionHash({
      orgId: "org_1",
      tool: "delete_records",
      arguments: changed,
      agentId: "data_manager",
      runId: "run_1",
      toolCallId: "call_1",
    });
    expect(result).toMatchObject({
      next: {
        status: "modified",
        fulfilment: "waiting",
        action,
        outcome: { verdict: "modify", arguments: changed, actionHash: hash },
      },
      effects: [{}, { command: "approve", actionHash: hash }, {}, {}],
    });
  });

  test("that changes nothing is an approval", () => {
    for (const change of [
      { modifications: {} },
      { modifications: { count: 50 } },
      { arguments: { count: 50, table_name: "users" } },
    ]) {
      expect(decide({ verdict: "modify", ...change })).toMatchObject({
        next: { status: "approved", outcome: { verdict: "approve", actionHash: action.hash } },
      });
    }
  });

  test.each([{}, { modifications: { count: 1 }, arguments: { count: 1 } }])(
    "with %j is refused",
    (change) => {
      expect(decide({ verdict: "modify", ...change })).toMatchObject({ code: "arguments_invalid" });
    },
  );

  test("is checked against the tool's schema, and refused where it cannot be (I10)", () => {
    const hold = sampleHold({ action: { ...action, schema: { type: "object" } } });
    const change = { verdict: "modify", modifications: { count: -1 } } as const;
    const errors = [{ path: "count", message: "must be positive" }];
    expect(decide(change, hold, () => ({ errors }))).toEqual({ code: "arguments_invalid", errors });
    expect(decide(change, hold)).toMatchObject({ code: "arguments_invalid" });
    expect(decide(change, hold, anySchema)).toMatchObject({ next: { status: "modified" } });
  });

  test("is bound to what was shown as well", () => {
    expect(decide({ verdict: "modify", modifications: { count: 10 }, actionHash: undefined })).toMatchObject({
      code: "action_changed",
    });
  });
});

test("reject and skip need no hash and release nothing", () => {
  for (const [verdict, status] of [
    ["reject", "rejected"],
    ["skip", "skipped"],
  ] as const) {
    expect(decide({ verdict, actionHash: undefined })).toMatchObject({
      next: { status, fulfilment: "none", outcome: { actionHash: null } },
    });
  }
});

describe("who comes second", () => {
  test("is told who won, with what, when (I3)", () => {
    expect(decide({ verdict: "reject" }, ended(sampleHold(), "approved"))).toMatchObject({
      code: "already_decided",
      winner: {
        status: "approved",
        by: { id: "mem_first", name: "First" },
        at: "2026-08-01T12:00:00.000000Z",
        comment: "because",
      },
    });
  });

  test("also to a withdrawal", () => {
    expect(decide({}, ended(sampleHold(), "cancelled"))).toMatchObject({
      code: "already_decided",
      winner: { status: "cancelled" },
    });
  });

  test("is told so even with the right answer again: no second success (defect 28)", () => {
    expect(decide({}, ended(sampleHold(), "approved"))).toHaveProperty("code", "already_decided");
  });
});

test("a verdict of another kind is refused, with those that are allowed", () => {
  expect(decide({ verdict: "answer", answer: true })).toEqual({
    code: "verdict_not_allowed",
    verdict: "answer",
    allowed: ["approve", "modify", "reject", "skip"],
  });
});

describe("escalation about a result", () => {
  const hold = sampleHoldOf("escalation");
  const plain = { actionHash: undefined };

  test("accept, edit, send back", () => {
    expect(decide({ ...plain, verdict: "approve" }, hold)).toMatchObject({
      next: { status: "approved", fulfilment: "none" },
    });
    expect(decide({ ...plain, verdict: "modify", modifications: { result: "43" } }, hold)).toMatchObject({
      next: {
        status: "modified",
        fulfilment: "none",
        outcome: { arguments: { result: "43" }, actionHash: null },
      },
    });
    expect(decide({ ...plain, verdict: "modify", modifications: { result: "42" } }, hold)).toMatchObject({
      next: { status: "approved" },
    });
    expect(decide({ ...plain, verdict: "answer", answer: { guidance: "Count again." } }, hold)).toMatchObject(
      {
        next: { status: "answered", outcome: { answer: { guidance: "Count again." } } },
      },
    );
  });

  test("an edit changes the result and nothing else", () => {
    expect(decide({ ...plain, verdict: "modify", modifications: { other: 1 } }, hold)).toMatchObject({
      code: "arguments_invalid",
    });
    expect(decide({ ...plain, verdict: "modify", arguments: {} }, hold)).toMatchObject({
      code: "arguments_invalid",
    });
  });

  test("about a lost execution only an answer counts", () => {
    const lost = sampleHoldOf("escalation", { isUnknownExecution: true, action });
    for (const verdict of ["approve", "modify", "reject", "skip"] as const) {
      expect(decide({ verdict }, lost)).toMatchObject({ code: "verdict_not_allowed", allowed: ["answer"] });
    }
    expect(decide({ verdict: "answer", answer: { executed: "retry" } }, lost)).toMatchObject({
      next: { status: "answered", fulfilment: "none" },
      effects: [{ type: "record" }, { type: "advanceRun" }, { type: "notify" }],
    });
  });
});

describe("cancel", () => {
  test("by whoever asked, by an operator, by the run that ends", () => {
    const agent = { ...REVIEWER, id: "data_manager", kind: "agent_key", memberId: null, role: null } as const;
    for (const by of [
      agent,
      { ...REVIEWER, role: "operator" },
      { ...agent, id: "system", kind: "system" as const },
    ]) {
      expect(transitionHold(sampleHold(), { type: "cancel", by, reason: "not needed" }, NOW)).toMatchObject({
        next: { status: "cancelled", fulfilment: "none", outcome: { verdict: null, comment: "not needed" } },
        effects: [{ event: "hold.cancelled" }, { command: "cancel" }, {}, {}],
      });
    }
  });

  test("by nobody else, and not twice", () => {
    expect(transitionHold(sampleHold(), { type: "cancel", by: REVIEWER }, NOW)).toMatchObject({
      code: "not_allowed",
      why: "owner",
    });
    const operator = { ...REVIEWER, role: "operator" };
    expect(
      transitionHold(ended(sampleHold(), "cancelled"), { type: "cancel", by: operator }, NOW),
    ).toMatchObject({ code: "already_decided" });
  });
});

test("a command changes no state but through what it returns", () => {
  const hold = Object.freeze(sampleHold());
  const before = structuredClone(hold);
  decide({ verdict: "modify", modifications: { count: 1 } }, hold);
  expect(hold).toEqual(before);
});
