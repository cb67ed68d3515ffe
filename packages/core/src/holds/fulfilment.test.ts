import { describe, expect, test } from "vitest";
import { ended, sampleAction, sampleHold } from "../../test/sample-hold.ts";
import { transitionFulfilment } from "./fulfilment.ts";

const approved = ended(sampleHold(), "approved");
const claim = { type: "start", orgId: "org_1", runId: "run_1", actionHash: sampleAction().hash } as const;

test("approved is not done: it waits, is started, and ends", () => {
  const started = transitionFulfilment(approved, claim);
  expect(started).toMatchObject({ next: { fulfilment: "executing" }, event: "action.executing" });
  if ("code" in started) throw new Error("refused");
  expect(transitionFulfilment(started.next, { type: "succeed" })).toMatchObject({
    next: { fulfilment: "executed" },
    event: "action.executed",
  });
});

describe("a claim is for exactly those bytes (I1)", () => {
  test.each([
    ["another hash", { actionHash: sampleAction({ table_name: "users", count: 51 }).hash }],
    ["another organisation", { orgId: "org_2" }],
    ["another run", { runId: "run_2" }],
    ["no run", { runId: null }],
  ])("%s", (_name, change) => {
    expect(transitionFulfilment(approved, { ...claim, ...change })).toMatchObject({ code: "action_changed" });
  });

  test("another organisation does not learn the hash", () => {
    expect(transitionFulfilment(approved, { ...claim, orgId: "org_2" })).toMatchObject({ expected: null });
  });

  test("a modification is claimed by its own hash, the original's is worth nothing", () => {
    const changed = sampleAction({ table_name: "users", count: 10 });
    const modified = {
      ...approved,
      status: "modified" as const,
      outcome: { ...approved.outcome!, actionHash: changed.hash },
    };
    expect(transitionFulfilment(modified, claim)).toMatchObject({ code: "action_changed" });
    expect(transitionFulfilment(modified, { ...claim, actionHash: changed.hash })).toMatchObject({
      next: { fulfilment: "executing" },
    });
  });
});

test("it is redeemed once (I2)", () => {
  for (const fulfilment of ["executing", "executed", "failed", "unknown"] as const) {
    expect(transitionFulfilment({ ...approved, fulfilment }, claim)).toEqual({
      code: "already_redeemed",
      fulfilment,
    });
  }
});

test.each(["pending", "rejected", "skipped", "answered", "expired", "cancelled"] as const)(
  "nothing starts from %s",
  (status) => {
    expect(transitionFulfilment(ended(sampleHold(), status), claim)).toEqual({
      code: "not_approved",
      status,
    });
  },
);
