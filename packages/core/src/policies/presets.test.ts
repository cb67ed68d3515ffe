import { policySchema, PRESETS, type Preset } from "@holdpoint/protocol";
import { describe, expect, test } from "vitest";
import { evaluate } from "../../test/sample-policy.ts";
import { compilePolicy } from "./compile-policy.ts";
import type { PolicyFacts } from "./evaluation.ts";
import { PRESET_EFFECTS } from "./presets.ts";

type Action = Partial<PolicyFacts["action"]>;

const found = (preset: Preset, action: Action, more: Partial<PolicyFacts> = {}) =>
  evaluate({ rules: [{ id: "p", preset }] }, { reversibility: "reversible", ...action }, more);

describe("what each preset takes, and its tier (R63 to R66, R104 to R106)", () => {
  test.each<[Preset, Action, Partial<PolicyFacts>, boolean]>([
    ["high_value_transaction", { value: 100 }, {}, true],
    ["high_value_transaction", { value: 99.99 }, {}, false],
    ["high_value_transaction", {}, {}, false],
    ["high_value_transaction", { value: NaN }, {}, true],
    ["personal_data", { arguments: { to: "ann@example.com" } }, {}, true],
    ["personal_data", { handles: ["personal_data"] }, {}, true],
    ["personal_data", { arguments: { to: "ann" } }, {}, false],
    ["irreversible_action", { reversibility: "irreversible" }, {}, true],
    ["irreversible_action", { reversibility: undefined }, {}, true], // R55
    ["irreversible_action", { reversibility: "partially_reversible" }, {}, false],
    ["regulatory", { handles: ["regulated"] }, {}, true],
    ["regulatory", { arguments: { sanctionsList: "x" } }, {}, true],
    ["regulatory", { arguments: { note: "x" } }, {}, false],
    ["regulatory", { arguments: { sanction_list: "x" } }, {}, true],
    ["first_time_service", {}, { isFirstTime: true }, true],
    ["first_time_service", {}, {}, true], // not known
    ["first_time_service", {}, { isFirstTime: false }, false],
    ["low_confidence", {}, { confidence: 0.65 }, false], // strictly below (R74)
    ["low_confidence", {}, { confidence: 0.649 }, true],
    ["low_confidence", {}, {}, true], // 0.5 (R72)
    ["low_confidence", {}, { confidence: NaN }, true],
    ["public_query", { name: "search_articles" }, {}, true],
    ["public_query", { name: "ask", handles: ["public_information"] }, {}, true],
    ["public_query", { name: "searching" }, {}, false],
    ["public_query", { name: "search_articles", reversibility: "irreversible" }, {}, false],
    ["public_query", { name: "get_customer", arguments: { email: "x" } }, {}, false],
    ["low_value_routine", { value: 99.99, reversibility: "partially_reversible" }, {}, true],
    ["low_value_routine", { value: 100 }, {}, false],
    ["low_value_routine", { value: NaN }, {}, false],
    ["low_value_routine", { reversibility: "irreversible" }, {}, false],
    ["low_value_routine", { impact: "high" }, {}, false],
    ["low_value_routine", { handles: ["personal_data"] }, {}, false],
  ])("%s of %j %j: %s", (preset, action, more, isTaken) => {
    const evaluation = found(preset, action, more);
    expect(evaluation.rule).toBe(isTaken ? "p" : null);
    if (isTaken) expect(evaluation).toMatchObject(PRESET_EFFECTS[preset]);
  });

  test("what is high in value or novel is for a manager, what people need not see proceeds", () => {
    const tierOf = (preset: Preset) => PRESET_EFFECTS[preset].tier;
    expect(Object.fromEntries(PRESETS.map((preset) => [preset, tierOf(preset)]))).toEqual({
      high_value_transaction: "escalation",
      personal_data: "sync_gate",
      irreversible_action: "sync_gate",
      regulatory: "sync_gate",
      first_time_service: "escalation",
      low_confidence: "sync_gate",
      public_query: "automated",
      low_value_routine: "automated",
    });
  });
});

test("a rule's own tier wins over its preset's level", () => {
  const policy = { rules: [{ id: "p", preset: "irreversible_action", effect: { tier: "automated" } }] };
  const compiled = compilePolicy(policySchema.parse(policy));
  const action = { name: "delete_record", arguments: {} };
  expect(compiled.evaluate({ action, now: "2026-11-21T10:00:00Z" }).held).toBe(false);
});

test.each<[Preset, Action, Partial<PolicyFacts>, string]>([
  ["high_value_transaction", { value: 240 }, {}, "Value 240 is at least 100."],
  ["low_confidence", {}, { confidence: 0.4 }, "Confidence 0.4 is below 0.65."],
  ["low_confidence", {}, {}, "Confidence is not known, which counts as 0.5 and is below 0.65."],
  [
    "first_time_service",
    { counterparty: "acme" },
    {},
    "Refund has not succeeded before with this counterparty.",
  ],
  ["personal_data", { arguments: { email: "x" } }, {}, "The argument email is named like personal data."],
])("the reason of %s", (preset, action, more, text) => {
  expect(found(preset, action, more).reasons[0]).toEqual({ rule: "p", text });
});
