import { policySchema, type PolicyInput } from "@holdpoint/protocol";
import { expect, test } from "vitest";
import { backtest, compareEvaluations, summarize, type RecordedAction } from "./backtest.ts";
import { compilePolicy } from "./compile-policy.ts";
import type { PolicyFacts } from "./evaluation.ts";

const actions: RecordedAction[] = [
  ["2026-11-19T23:59:59Z", "add_tag", 0],
  ["2026-11-20T00:00:00Z", "charge_card", 50],
  ["2026-11-20T08:00:00Z", "charge_card", 100],
  ["2026-11-20T09:00:00Z", "charge_card", 500],
  ["2026-11-20T10:00:00Z", "delete_record", 0],
].map(([now, name, value], index) => ({
  id: `a${index}`,
  facts: { now: String(now), action: { name: String(name), arguments: {}, value: Number(value) } },
}));
const evaluateWith = (policy: PolicyInput) => {
  const compiled = compilePolicy(policySchema.parse(policy));
  return (facts: PolicyFacts) => compiled.evaluate(facts);
};
const inForce = evaluateWith({});
const draft = evaluateWith({
  rules: [
    { id: "high", preset: "high_value_transaction" },
    { id: "old", tools: ["delete_record"], effect: { tier: "automated" } },
  ],
});

test("holds per day, rule and route", () => {
  expect(summarize(actions, draft)).toEqual({
    actions: 5,
    held: 2,
    days: 2,
    heldPerDay: 1,
    byDay: { "2026-11-19": { actions: 1, held: 0 }, "2026-11-20": { actions: 4, held: 2 } },
    byRule: {
      "": { actions: 2, held: 0 },
      high: { actions: 2, held: 2 },
      old: { actions: 1, held: 0 },
    },
    byRoute: { "a manager": 2 },
    byTier: { automated: 3, async_review: 0, sync_gate: 0, escalation: 2 },
  });
  expect(summarize([], draft)).toMatchObject({ actions: 0, held: 0, heldPerDay: 0 });
});

test("what a draft changes", () => {
  const found = backtest(actions, inForce, draft);
  expect(found.changes).toEqual({ held: 1, released: 1, handled: 1 });
  expect(found.examples.map(({ id, change }) => [id, change.kind])).toEqual([
    ["a2", "held"],
    ["a3", "handled"],
    ["a4", "released"],
  ]);
  expect(found.before.held).toBe(2);
  expect(backtest(actions, inForce, draft, 1).examples).toHaveLength(1);
});

test("only what matters for a hold is a change", () => {
  const held = inForce({ now: "2026-11-20T00:00:00Z", action: { name: "delete_record", arguments: {} } });
  const proceeds = inForce({ now: "2026-11-20T00:00:00Z", action: { name: "add_tag", arguments: {} } });
  const routed = { ...held, route: { anyOf: [{ role: "admin" as const }] } };
  expect(compareEvaluations(held, { ...held, reasons: [], rule: "x" })).toEqual({
    kind: "same",
    members: [],
  });
  expect(compareEvaluations(held, routed)).toEqual({ kind: "handled", members: ["route"] });
  expect(compareEvaluations(held, { ...held, quorum: { refusals: 1, required: 1 } }).kind).toBe("same");
  expect(compareEvaluations(proceeds, { ...proceeds, timeoutSeconds: 5 }).kind).toBe("same");
  expect(compareEvaluations(proceeds, held).kind).toBe("held");
});
