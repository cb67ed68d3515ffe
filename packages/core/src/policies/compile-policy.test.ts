import {
  GATE_LEVELS,
  ON_TIMEOUT,
  policySchema,
  REVERSIBILITIES,
  TIERS,
  type JsonObject,
  type PolicyInput,
} from "@holdpoint/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compilePolicy, type ToolFacts } from "./compile-policy.ts";
import type { Evaluation, PolicyFacts } from "./evaluation.ts";

const NOW = "2026-11-21T10:00:00.000Z";

type Action = Partial<PolicyFacts["action"]>;

function evaluate(
  policy: PolicyInput,
  action: Action = {},
  more: Partial<PolicyFacts> = {},
  tools: ToolFacts[] = [],
): Evaluation {
  const facts = { now: NOW, ...more, action: { name: "refund", arguments: {}, ...action } };
  return compilePolicy(policySchema.parse(policy), tools).evaluate(facts);
}

const always = (effect: object, more: object = {}): PolicyInput => ({
  rules: [{ id: "r", effect, ...more }],
});

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
      text: "Value 240 is at least 100 (rule high-value).",
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
      'Large refunds: value 150 is at least 100, and arguments.kind is "refund" (rule r).',
    );
    expect(evaluate({ rules: [rule] }, { value: 150, arguments: { kind: "fee" } }).rule).toBeNull();
  });
});

describe("effect over level over tier settings over defaults", () => {
  const tiers = {
    sync_gate: { route: { role: "operator" }, timeoutSeconds: 900, onTimeout: "skip", channels: ["slack"] },
    escalation: { respondWithinSeconds: 60, quorum: { required: 2 } },
  } as const;

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

describe("whoever asks may only tighten", () => {
  test("the tier", () => {
    const proceeds = { name: "add_tag" };
    expect(evaluate({}, proceeds, { asked: { tier: "sync_gate" } })).toMatchObject({
      held: true,
      level: "mandatory_review",
      tier: "sync_gate",
      reasons: [{ rule: "asked" }, { rule: "reversibility" }],
    });
    const rule = always({ tier: "escalation" });
    expect(evaluate(rule, {}, { asked: { tier: "async_review" } }).tier).toBe("escalation");
    expect(evaluate({}, {}, { asked: { tier: "automated" } })).toMatchObject({
      held: true,
      tier: "sync_gate",
    });
  });

  test("a stricter tier lets in nobody whom the policy's own keeps out", () => {
    const policy: PolicyInput = {
      rules: [{ id: "r", effect: { tier: "sync_gate" } }],
      tiers: {
        sync_gate: { route: { role: "admin" }, quorum: { required: 2 }, strength: "L2" },
        escalation: { onTimeout: "approve" },
      },
    };
    expect(
      evaluate(policy, { reversibility: "reversible" }, { asked: { tier: "escalation" } }),
    ).toMatchObject({
      tier: "escalation",
      route: { role: "admin" },
      quorum: { required: 2 },
      strength: "L2",
      onTimeout: "reject",
    });
  });

  test("the route", () => {
    const route = (asked: PolicyFacts["asked"]) =>
      evaluate(always({ route: { role: "manager" } }), {}, { asked }).route;
    expect(route({ route: { role: "admin" } })).toEqual({ role: "admin" });
    expect(route({ route: { role: "reviewer" } })).toEqual({ role: "manager" });
    expect(route({ route: { user: "bob@example.com" } })).toEqual({ role: "manager" });
  });

  test("the time: shorter than the policy's, any where the policy says nothing", () => {
    const seconds = (policy: PolicyInput, timeoutSeconds: number) =>
      evaluate(policy, {}, { asked: { timeoutSeconds } }).timeoutSeconds;
    const policy = always({ timeoutSeconds: 600 });
    expect([60, 600, 6_000].map((asked) => seconds(policy, asked))).toEqual([60, 600, 600]);
    expect([60, 6_000, 0, NaN, Infinity].map((asked) => seconds({}, asked))).toEqual([
      60, 6_000, 300, 300, 300,
    ]);
  });

  test("silence releases nothing that the policy does not release, and no sooner", () => {
    const asked = { onTimeout: "approve", timeoutSeconds: 1 } as const;
    const reversible = { reversibility: "reversible" } as const;
    const rule = always({ tier: "sync_gate" });
    expect(evaluate(rule, reversible, { asked }).onTimeout).toBe("reject");
    expect(evaluate({}, { ...reversible, requiresConfirmation: true }, { asked }).onTimeout).toBe("reject");
    const own = { asked: { ...asked, tier: "sync_gate" } } as const;
    expect(evaluate({}, reversible, own)).toMatchObject({ onTimeout: "approve", timeoutSeconds: 1 });
    const approving = always({ tier: "sync_gate", onTimeout: "approve", timeoutSeconds: 200 });
    expect(evaluate(approving, reversible, { asked })).toMatchObject({
      onTimeout: "approve",
      timeoutSeconds: 200,
    });
    const rejecting = { asked: { onTimeout: "reject", timeoutSeconds: 1 } } as const;
    expect(evaluate(approving, reversible, rejecting)).toMatchObject({
      onTimeout: "reject",
      timeoutSeconds: 1,
    });
  });

  test("silence never approves what cannot be taken back (R96)", () => {
    for (const reversibility of ["irreversible", "partially_reversible"] as const) {
      const found = evaluate(always({ tier: "sync_gate", onTimeout: "approve" }), { reversibility });
      expect(found.onTimeout).toBe("reject");
      expect(found.reasons.at(-1)?.rule).toBe("on_timeout");
    }
  });
});

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
    const route = (given: object) =>
      evaluate({
        rules: [
          { id: "broken", when: "value >", effect: { route: given as never, quorum: { required: 2 } } },
        ],
        tiers: { sync_gate: { route: { role: "manager" } } },
      });
    expect(route({ group: "legal" })).toMatchObject({ route: { group: "legal" }, quorum: { required: 2 } });
    expect(route({ role: "reviewer" }).route).toEqual({ role: "manager" });
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

describe("properties", () => {
  const name = fc.constantFrom("add_tag", "charge_card", "send_email", "wire", "unknown", "__proto__");
  const json = fc.dictionary(
    fc.constantFrom("amount", "email", "note", "list"),
    fc.jsonValue({ maxDepth: 3 }),
  );
  const number = fc.constantFrom(0, 99.99, 100, 100.01, 1e9, -5, NaN, Infinity);
  const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  const facts: fc.Arbitrary<PolicyFacts> = fc.record({
    action: fc.record({
      name,
      arguments: json as fc.Arbitrary<JsonObject>,
      reversibility: maybe(fc.constantFrom(...REVERSIBILITIES)),
      value: maybe(number),
      requiresConfirmation: maybe(
        fc.constantFrom(true, false, { role: "manager" }, { threshold: 100, comparator: "gte" as const }),
      ),
      onTimeout: maybe(fc.constantFrom(...ON_TIMEOUT)),
    }),
    agentId: maybe(fc.constantFrom("a", "b")),
    confidence: maybe(fc.double({ min: 0, max: 1 })),
    isFirstTime: maybe(fc.boolean()),
    now: fc.constantFrom(NOW, "no time"),
    asked: fc.record({
      tier: maybe(fc.constantFrom(...TIERS)),
      timeoutSeconds: maybe(fc.constantFrom(1, 60, 1e6)),
      onTimeout: maybe(fc.constantFrom(...ON_TIMEOUT)),
    }),
  });
  const when = fc.constantFrom(
    ...["value >= 100", "arguments.amount > 5", "arguments.note.contains('a')", "confidence < 0.5", "firstTime"],
    ...["has(arguments.list) && arguments.list.exists(x, x == 1)", "value >", "action.reversibility == 'reversible'"],
  ); // prettier-ignore
  const effect = fc.record(
    {
      level: fc.constantFrom(...GATE_LEVELS),
      tier: fc.constantFrom(...TIERS),
      onTimeout: fc.constantFrom(...ON_TIMEOUT),
      overridesDeclaration: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  const rule = fc.record(
    {
      tools: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
      agents: fc.constant(["a"]),
      preset: fc.constantFrom(
        ...(["high_value_transaction", "personal_data", "regulatory", "low_value_routine"] as const),
        ...(["irreversible_action", "first_time_service", "low_confidence", "public_query"] as const),
      ),
      when,
      effect,
    },
    { requiredKeys: ["effect"] },
  );
  const rules = fc
    .array(rule, { maxLength: 5 })
    .map((all) => all.map((each, index) => ({ id: `r${index}`, ...each })));

  test("evaluation is total: one level, its tier, and a reason", () => {
    fc.assert(
      fc.property(rules, facts, (all, given) => {
        const found = compilePolicy(policySchema.parse({ rules: all })).evaluate(given);
        expect(GATE_LEVELS).toContain(found.level);
        expect(found.held).toBe(found.level !== "auto_proceed");
        expect(found.held).toBe(found.tier !== "automated");
        expect(found.reasons.length).toBeGreaterThan(0);
        for (const { rule: by, text } of found.reasons) {
          expect(by).not.toBe("");
          expect(text).toMatch(/^\S.*\S$/s);
        }
        if (found.onTimeout === "approve") expect(found.reversibility).toBe("reversible");
        if (found.held) expect(found.timeoutSeconds).toBeGreaterThan(0);
        if (given.asked?.tier !== undefined && given.asked.tier !== "automated")
          expect(found.held).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("tightening one rule never lets more through", () => {
    const tier = fc.constantFrom(...TIERS);
    fc.assert(
      fc.property(rules, facts, fc.nat(), tier, tier, (all, given, at, one, other) => {
        fc.pre(all.length > 0);
        const [loose, tight] = TIERS.indexOf(one) <= TIERS.indexOf(other) ? [one, other] : [other, one];
        const heldWith = (by: string) => {
          const changed = all.map((each, index) =>
            index === at % all.length
              ? { ...each, effect: { ...each.effect, level: undefined, tier: by as never } }
              : each,
          );
          return compilePolicy(policySchema.parse({ rules: changed })).evaluate(given).held;
        };
        if (heldWith(loose)) expect(heldWith(tight)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("raising a rule's level never lets more through", () => {
    const level = fc.constantFrom(...GATE_LEVELS);
    fc.assert(
      fc.property(rules, facts, fc.nat(), level, level, (all, given, at, one, other) => {
        fc.pre(all.length > 0);
        const [tight, loose] =
          GATE_LEVELS.indexOf(one) <= GATE_LEVELS.indexOf(other) ? [one, other] : [other, one];
        const heldWith = (by: string) => {
          const changed = all.map((each, index) =>
            index === at % all.length ? { ...each, effect: { ...each.effect, level: by as never } } : each,
          );
          return compilePolicy(policySchema.parse({ rules: changed })).evaluate(given).held;
        };
        if (heldWith(loose)) expect(heldWith(tight)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("asking for anything never lets more through", () => {
    fc.assert(
      fc.property(rules, facts, (all, given) => {
        const policy = compilePolicy(policySchema.parse({ rules: all }));
        const plain = policy.evaluate({ ...given, asked: {} });
        if (plain.held) expect(policy.evaluate(given).held).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
