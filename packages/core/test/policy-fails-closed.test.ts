import { policySchema, type PolicyInput, type Route } from "@holdpoint/protocol";
import { describe, expect, test } from "vitest";
import { compilePolicy } from "../src/policies/compile-policy.ts";
import { evaluate } from "./sample-policy.ts";

describe("what cannot be evaluated is held at the strictest, and the reason names the rule (I10)", () => {
  const loose = (when: string): PolicyInput => ({
    rules: [{ id: "broken", tools: ["add_tag"], when, effect: { tier: "automated" } }],
    tiers: { sync_gate: { onTimeout: "approve" } },
  });
  test.each([
    "arguments.missing > 1",
    "arguments.name > 1",
    "arguments.name",
    "endUser.id == 'u1'",
    "value >",
    "nothing == 1",
    "1 / int(value) > 0",
    "arguments.name.matches('(a+)+\\\\1')",
    "arguments.count.matches('a')",
    "arguments.list.all(x, x in arguments.list)",
    "arguments.list[99999] == 1",
  ])("%s", (when) => {
    const list = Array.from({ length: 5_000 }, (_, index) => index);
    const found = evaluate(loose(when), { name: "add_tag", arguments: { name: "x", count: 1, list } });
    expect(found).toMatchObject({
      held: true,
      level: "mandatory_review",
      tier: "sync_gate",
      rule: "broken",
      onTimeout: "reject",
      mayGrant: false,
      sample: 0,
    });
    expect(found.reasons[0]?.text).toContain("Rule broken cannot be evaluated");
  });

  test("only the tools that the rule is about", () => {
    expect(evaluate(loose("value >"), { name: "create_draft" }).held).toBe(false);
  });

  test("a value that is no number does not slip past a condition", () => {
    expect(evaluate(loose("value < 10"), { name: "add_tag", value: NaN }).held).toBe(true);
  });

  test("a rule's own route still counts, unless it is wider", () => {
    const route = (given: Route) =>
      evaluate({
        rules: [{ id: "broken", when: "value >", effect: { route: given, quorum: { required: 2 } } }],
        tiers: { sync_gate: { route: { role: "manager" } } },
      });
    expect(route({ group: "legal" })).toMatchObject({ route: { group: "legal" }, quorum: { required: 2 } });
    expect(route({ role: "reviewer" }).route).toEqual({ role: "manager" });
  });

  test("arguments that make a rule fail do not bring the action before fewer or others than the rule escalates to", () => {
    const found = evaluate({
      rules: [{ id: "large", when: "arguments.missing > 1", effect: { tier: "escalation" } }],
      tiers: { escalation: { route: { role: "admin" }, quorum: { required: 2 }, strength: "L2" } },
    });
    expect(found).toMatchObject({
      tier: "escalation",
      route: { role: "admin" },
      quorum: { required: 2 },
      strength: "L2",
      onTimeout: "reject",
    });
  });

  test("nor past the stricter rule behind it, which is asked as well", () => {
    const broken = { id: "broken", when: "arguments.note == 'x'", effect: { tier: "automated" } } as const;
    const behind = (effect: object) => evaluate({ rules: [broken, broken, { id: "wire", effect }] });
    expect(
      behind({ route: { role: "admin" }, quorum: { required: 2 }, strength: "L2", separation: "strict" }),
    ).toMatchObject({
      rule: "broken",
      level: "mandatory_review",
      route: { role: "admin" },
      quorum: { required: 2 },
      strength: "L2",
      separation: "strict",
    });
    expect(behind({ route: { group: "legal" } }).route).toEqual({
      allOf: [{ role: "reviewer" }, { group: "legal" }],
    });
    expect(behind({ tier: "automated" })).toMatchObject({ held: true, route: { role: "reviewer" } });
  });

  test("facts that are no facts", () => {
    const policy = compilePolicy(policySchema.parse({}));
    for (const facts of [null, {}, { action: null }, { action: {} }, { action: { name: 1 } }]) {
      const found = policy.evaluate(facts as never);
      expect(found).toMatchObject({ held: true, onTimeout: "reject" });
      expect(found.reasons.length).toBeGreaterThan(0);
    }
  });
});
