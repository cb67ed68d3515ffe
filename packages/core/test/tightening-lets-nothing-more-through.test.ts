import {
  GATE_LEVELS,
  ON_TIMEOUT,
  policySchema,
  PRESETS,
  REVERSIBILITIES,
  TIERS,
  type JsonObject,
} from "@holdpoint/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compilePolicy } from "../src/policies/compile-policy.ts";
import type { PolicyFacts } from "../src/policies/evaluation.ts";
import { NOW } from "./sample-policy.ts";

describe("properties of every policy", () => {
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
    "value >= 100",
    "arguments.amount > 5",
    "arguments.note.contains('a')",
    "confidence < 0.5",
    "firstTime",
    "has(arguments.list) && arguments.list.exists(x, x == 1)",
    "value >",
    "action.reversibility == 'reversible'",
  );
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
      preset: fc.constantFrom(...PRESETS),
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
