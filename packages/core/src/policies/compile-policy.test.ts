import { policySchema, type JsonObject, type PolicyInput } from "@holdpoint/protocol";
import { describe, expect, test } from "vitest";
import { always, evaluate, NOW } from "../../test/sample-policy.ts";
import { compilePolicy } from "./compile-policy.ts";
import type { PolicyFacts } from "./evaluation.ts";

type Action = Partial<PolicyFacts["action"]>;

describe("without rules the declaration decides (R46, R52 to R58)", () => {
  test.each<[string, Action, string, string]>([
    ["create_draft", {}, "auto_proceed", "automated"],
    ["add_tag", {}, "auto_proceed", "automated"],
    ["modify_config", {}, "mandatory_review", "sync_gate"],
    ["send_notification", {}, "auto_proceed", "automated"],
    ["charge_card", { value: 99.99 }, "auto_proceed", "automated"],
    ["charge_card", { value: 100 }, "auto_proceed", "automated"],
    ["charge_card", { value: 100.01 }, "review_if_high_value", "async_review"],
    ["charge_card", { value: NaN }, "review_if_high_value", "async_review"],
    ["publish_content", {}, "mandatory_review", "sync_gate"],
    ["delete_record", {}, "mandatory_review", "sync_gate"],
    ["send_email", {}, "mandatory_review", "sync_gate"],
    ["publish_publicly", {}, "mandatory_review", "sync_gate"],
    ["provision_infrastructure", {}, "mandatory_review", "sync_gate"],
    ["never_heard_of", {}, "mandatory_review", "sync_gate"],
    ["tool", { requiresConfirmation: false, reversibility: "irreversible" }, "auto_proceed", "automated"],
    ["tool", { requiresConfirmation: true, reversibility: "reversible" }, "mandatory_review", "sync_gate"],
  ])("%s %j: %s", (name, action, level, tier) => {
    expect(evaluate({}, { name, ...action })).toMatchObject({ level, tier, rule: null });
  });
});

describe("thresholds, exactly at 100", () => {
  test.each([
    ["gte", 99.99, false],
    ["gte", 100, true],
    ["gt", 100, false],
    ["gt", 100.01, true],
  ] as const)("requiresConfirmation %s %d", (comparator, value, held) => {
    expect(evaluate({}, { requiresConfirmation: { threshold: 100, comparator }, value }).held).toBe(held);
  });

  test.each([
    ["value >= 100", 100, true],
    ["value >= 100", 99.99, false],
    ["value > 100", 100, false],
    ["value > 100.0", 100.01, true],
    ["value == 100", 100, true],
    ["arguments.amount >= 100", 100, true],
    ["arguments.amount > 100", 100, false],
    ["arguments.amount >= 100.0", 100, true],
    ["arguments.amount > 99", 99.5, true],
  ])("%s at %d: %s", (when, value, held) => {
    const policy = {
      rules: [
        { id: "high", when, effect: { tier: "sync_gate" as const } },
        { id: "rest", effect: { tier: "automated" as const } },
      ],
    };
    expect(evaluate(policy, { value, arguments: { amount: value } }).held).toBe(held);
  });

  test("the preset high_value_transaction holds at 100 and escalates (R66)", () => {
    const policy = { rules: [{ id: "high-value", preset: "high_value_transaction" as const }] };
    const charge = (value?: number) => evaluate(policy, { name: "charge_card", value });
    expect(charge(240)).toMatchObject({
      held: true,
      tier: "escalation",
      rule: "high-value",
      route: { role: "manager" },
      timeoutSeconds: 1_800,
    });
    expect(charge(240).reasons[0]).toEqual({
      rule: "high-value",
      text: "Value 240 is at least 100.",
    });
    expect(charge(100).held).toBe(true);
    expect(charge(99.99).held).toBe(false);
    expect(charge().held).toBe(false);
    expect(charge(NaN).held).toBe(true);
  });
});

describe("the first rule that matches decides", () => {
  test("the rest are not looked at, not even one that cannot be evaluated", () => {
    const policy: PolicyInput = {
      rules: [
        { id: "other", tools: ["wire"], effect: { tier: "escalation" } },
        { id: "agent", agents: ["bank"], effect: { tier: "escalation" } },
        { id: "small", when: "value < 10", effect: { tier: "automated" } },
        { id: "broken", when: "arguments.missing > 1", effect: { tier: "automated" } },
      ],
    };
    expect(evaluate(policy, { value: 5 })).toMatchObject({ held: false, rule: "small" });
    expect(evaluate(policy, { value: 5 }, { agentId: "bank" })).toMatchObject({ rule: "agent" });
    expect(evaluate(policy, { name: "wire", value: 5 })).toMatchObject({ rule: "other" });
    expect(evaluate(policy, { value: 10 })).toMatchObject({ held: true, rule: "broken" });
  });

  test("rules for a tool and for all keep their order in the index", () => {
    const policy: PolicyInput = {
      rules: [
        { id: "a", tools: ["x"], when: "value > 3", effect: {} },
        { id: "b", when: "value > 2", effect: {} },
        { id: "c", tools: ["x", "y"], when: "value > 1", effect: {} },
        { id: "d", effect: {} },
      ],
    };
    const rule = (name: string, value: number) => evaluate(policy, { name, value }).rule;
    expect([4, 3, 2, 1].map((value) => rule("x", value))).toEqual(["a", "b", "c", "d"]);
    expect([4, 3, 2, 1].map((value) => rule("y", value))).toEqual(["b", "b", "c", "d"]);
    expect([4, 2].map((value) => rule("z", value))).toEqual(["b", "d"]);
    expect(rule("constructor", 1)).toBe("d");
  });

  test("presets, when and effect of a rule are joined", () => {
    const rule = {
      id: "r",
      description: "Large refunds.",
      preset: "high_value_transaction",
      when: "arguments.kind == 'refund'",
      effect: { route: { group: "finance" } },
    } as const;
    const found = evaluate({ rules: [rule] }, { value: 150, arguments: { kind: "refund" } });
    expect(found).toMatchObject({ tier: "escalation", route: { group: "finance" } });
    expect(found.reasons[0]?.text).toBe(
      'Large refunds: value 150 is at least 100, and arguments.kind is "refund".',
    );
    expect(evaluate({ rules: [rule] }, { value: 150, arguments: { kind: "fee" } }).rule).toBeNull();
  });
});

describe("effect over level over tier settings over defaults", () => {
  const tiers = {
    sync_gate: { route: { role: "operator" }, timeoutSeconds: 900, onTimeout: "skip", channels: ["slack"] },
    escalation: { respondWithinSeconds: 60, quorum: { required: 2 } },
  } satisfies PolicyInput["tiers"];

  test("what a rule leaves out comes from its tier", () => {
    expect(evaluate({ tiers, ...always({ tier: "sync_gate", channels: ["mail"] }) })).toMatchObject({
      route: { role: "operator" },
      timeoutSeconds: 900,
      respondSeconds: 300,
      onTimeout: "skip",
      channels: ["mail"],
    });
    expect(evaluate({ tiers, ...always({ tier: "escalation" }) })).toMatchObject({
      route: { role: "manager" },
      timeoutSeconds: 1_800,
      respondSeconds: 60,
      quorum: { required: 2, refusals: 1 },
    });
    expect(evaluate({ tiers }, { name: "delete_record" })).toMatchObject({ route: { role: "operator" } });
  });

  test("a tool's own times stand before its tier's, and after a rule's", () => {
    const action = { timeoutSeconds: 600, onTimeout: "hold" } as const;
    expect(evaluate({ tiers, ...always({ tier: "sync_gate" }) }, action)).toMatchObject(action);
    expect(evaluate(always({ timeoutSeconds: 90, onTimeout: "skip" }), action)).toMatchObject({
      timeoutSeconds: 90,
      respondSeconds: 90,
      onTimeout: "skip",
    });
  });

  test.each([
    [{ level: "mandatory_review" }, "mandatory_review", "sync_gate"],
    [{ level: "review_if_high_value" }, "review_if_high_value", "async_review"],
    [{ level: "auto_proceed" }, "auto_proceed", "automated"],
    [{ tier: "automated" }, "auto_proceed", "automated"],
    [{ tier: "async_review" }, "review_if_high_value", "async_review"],
    [{ tier: "sync_gate" }, "mandatory_review", "sync_gate"],
    [{ tier: "escalation" }, "mandatory_review", "escalation"],
    [{ level: "auto_proceed", tier: "sync_gate" }, "mandatory_review", "sync_gate"],
    [{ level: "mandatory_review", tier: "automated" }, "mandatory_review", "sync_gate"],
    [{ level: "mandatory_review", tier: "escalation" }, "mandatory_review", "escalation"],
  ])("%j gives %s and %s", (effect, level, tier) => {
    expect(evaluate(always(effect), { name: "add_tag" })).toMatchObject({ level, tier });
  });

  test("a rule loosens a class, and what a tool demands only by overriding it", () => {
    const automated = always({ tier: "automated" });
    expect(evaluate(automated, { name: "delete_record" })).toMatchObject({ held: false, rule: "r" });
    const demanded = evaluate(automated, { requiresConfirmation: true });
    expect(demanded).toMatchObject({ held: true, tier: "sync_gate", rule: "r" });
    expect(demanded.reasons[0]?.text).toContain("demands confirmation");
    const overriding = always({ tier: "automated", overridesDeclaration: true });
    expect(evaluate(overriding, { requiresConfirmation: true }).held).toBe(false);
  });

  test("the role that a tool demands stays, unless the rule's route is narrower or overrides it", () => {
    const requiresConfirmation = { role: "MANAGER" };
    const route = (effect: object) => evaluate(always(effect), { requiresConfirmation }).route;
    expect(route({ route: { role: "reviewer" } })).toEqual({ role: "manager" });
    expect(route({ route: { group: "finance" } })).toEqual({ role: "manager" });
    expect(route({ route: { role: "admin" } })).toEqual({ role: "admin" });
    expect(route({ route: { role: "reviewer" }, overridesDeclaration: true })).toEqual({ role: "reviewer" });
    expect(evaluate({}, { requiresConfirmation: { role: "wizard" } }).route).toEqual({ role: "admin" });
  });

  test("sampling only of what proceeds, grants never of what is irreversible unless said", () => {
    expect(evaluate(always({ tier: "automated", sample: 0.1 }))).toMatchObject({
      sample: 0.1,
      mayGrant: false,
    });
    expect(evaluate(always({ tier: "sync_gate", sample: 0.1 }))).toMatchObject({
      sample: 0,
      mayGrant: false,
    });
    expect(evaluate(always({ tier: "sync_gate" }), { reversibility: "reversible" }).mayGrant).toBe(true);
    expect(evaluate(always({ tier: "sync_gate", grants: "allowed" })).mayGrant).toBe(true);
    const never = always({ tier: "sync_gate", grants: "never" });
    expect(evaluate(never, { reversibility: "reversible" }).mayGrant).toBe(false);
  });
});

test("first time is asked for only where a rule needs it", () => {
  const policy = compilePolicy(
    policySchema.parse({
      rules: [
        { id: "a", tools: ["pay"], when: "firstTime && value > 1" },
        { id: "b", tools: ["order"], preset: "first_time_service" },
        { id: "c", tools: ["tag"], when: "value > 1" },
      ],
    }),
  );
  expect(["pay", "order", "tag", "other"].map((name) => policy.needsFirstTime(name))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  const found = policy.evaluate({ action: { name: "order", arguments: {} }, now: NOW });
  expect(found).toMatchObject({ rule: "b", tier: "escalation" }); // not known counts as the first time
});

test("a number by its schema keeps its fraction when it is divided", () => {
  const schema = (type: string): JsonObject => ({ type: "object", properties: { amount: { type } } });
  const rule = always({ tier: "escalation" }, { when: "arguments.amount / 4 > 25.0" });
  const found = (type: string) =>
    evaluate(rule, { arguments: { amount: 101 } }, {}, [{ name: "refund", argumentsSchema: schema(type) }]);
  expect(found("number").rule).toBe("r");
  expect(found("integer").rule).toBeNull(); // whole numbers divide to whole numbers
});
