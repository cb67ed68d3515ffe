import { describe, expect, test } from "vitest";
import {
  ended,
  EXPIRES_AT,
  NOW,
  REVIEWER,
  sampleAction,
  sampleHold,
  sampleHoldOf,
} from "../../test/sample-hold.ts";
import { applyTimeout, effectiveStatus } from "./timeout.ts";
import { transitionHold } from "./transition-hold.ts";

const reversible = { ...sampleAction(), reversibility: "reversible" as const };
const decision = {
  type: "decide",
  verdict: "approve",
  by: REVIEWER,
  actionHash: sampleAction().hash,
} as const;

test("before the deadline nothing happens", () => {
  expect(effectiveStatus(sampleHold(), NOW)).toBe("pending");
  expect(transitionHold(sampleHold(), { type: "timeout" }, NOW)).toEqual({
    code: "not_due",
    expiresAt: EXPIRES_AT,
  });
});

describe("at the deadline, before any sweeper (I6)", () => {
  test.each([
    ["reject", "expired"],
    ["skip", "expired"],
    ["approve", "expired"], // the action is irreversible
    ["hold", "pending"],
    ["escalate", "pending"],
  ] as const)("onTimeout %s reads as %s", (onTimeout, status) => {
    expect(effectiveStatus(sampleHold({ onTimeout }), EXPIRES_AT)).toBe(status);
  });

  test("a person's decision does not count", () => {
    for (const onTimeout of ["reject", "skip", "approve"] as const) {
      expect(transitionHold(sampleHold({ onTimeout }), decision, EXPIRES_AT)).toMatchObject({
        code: "expired",
      });
    }
  });
});

describe("onTimeout approve", () => {
  test("approves what is reversible, by the timeout and not by a person", () => {
    const { next, effects } = applyTimeout(
      sampleHold({ action: reversible, onTimeout: "approve" }),
      EXPIRES_AT,
    );
    expect(next).toMatchObject({
      status: "approved",
      fulfilment: "waiting",
      decidedAt: EXPIRES_AT,
      outcome: { verdict: "approve", actionHash: reversible.hash, by: { via: "timeout" } },
    });
    expect(effects).toContainEqual({
      type: "moveToolCall",
      toolCallId: "call_1",
      command: "approve",
      actionHash: reversible.hash,
    });
  });

  test("never what is not", () => {
    for (const reversibility of ["partially_reversible", "irreversible"] as const) {
      const hold = sampleHold({ action: { ...reversible, reversibility }, onTimeout: "approve" });
      expect(applyTimeout(hold, EXPIRES_AT).next).toMatchObject({ status: "expired", fulfilment: "none" });
    }
  });

  test("a decision after it is told that time has won", () => {
    const hold = sampleHold({ action: reversible, onTimeout: "approve" });
    expect(transitionHold(hold, { ...decision, verdict: "reject" }, EXPIRES_AT)).toMatchObject({
      code: "already_decided",
      winner: { status: "approved", by: { via: "timeout" }, at: EXPIRES_AT },
    });
  });
});

test("onTimeout hold takes the deadline away, and a later decision counts", () => {
  const late = "2026-09-01T00:00:00Z";
  const { next, effects } = applyTimeout(sampleHold({ onTimeout: "hold" }), late);
  expect(next).toMatchObject({ status: "pending", expiresAt: null });
  expect(effects).toContainEqual({ type: "schedule", at: null });
  expect(transitionHold(sampleHold({ onTimeout: "hold" }), decision, late)).toMatchObject({
    next: { status: "approved", expiresAt: null },
    effects: [{ event: "hold.kept" }, { type: "schedule" }, { event: "hold.decided" }, {}, {}, {}],
  });
});

describe("onTimeout escalate", () => {
  test("moves to the end of the ladder; the new time counts from the old deadline, however late the sweeper", () => {
    const { next, effects } = applyTimeout(sampleHold({ onTimeout: "escalate" }), "2026-08-01T12:06:00Z");
    expect(next).toMatchObject({
      status: "pending",
      tier: "escalation",
      route: { role: "manager" },
      expiresAt: "2026-08-01T12:35:00.000Z",
      onTimeout: "reject",
    });
    expect(effects.map(({ type }) => type)).toEqual(["record", "schedule", "notify"]);
  });

  test("who could decide before cannot after", () => {
    const hold = sampleHold({ onTimeout: "escalate" });
    expect(transitionHold(hold, decision, EXPIRES_AT)).toEqual({
      code: "not_allowed",
      why: "role",
      needsRole: "manager",
    });
    expect(
      transitionHold(hold, { ...decision, by: { ...REVIEWER, role: "manager" } }, EXPIRES_AT),
    ).toMatchObject({
      next: { status: "approved" },
    });
  });

  test("expires when the end of the ladder is silent too", () => {
    const { next, effects } = applyTimeout(sampleHold({ onTimeout: "escalate" }), "2026-08-01T12:35:00Z");
    expect(next).toMatchObject({ status: "expired", decidedAt: "2026-08-01T12:35:00.000Z" });
    expect(effects.filter(({ type }) => type === "record")).toHaveLength(2);
  });
});

test("what has ended does not time out", () => {
  const hold = ended(sampleHold(), "approved");
  expect(applyTimeout(hold, "2030-01-01T00:00:00Z")).toEqual({ next: hold, effects: [] });
});

test("a question that nobody answers expires", () => {
  expect(effectiveStatus(sampleHoldOf("clarification", { onTimeout: "approve" }), EXPIRES_AT)).toBe(
    "expired",
  );
});
