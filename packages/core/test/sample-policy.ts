import { policySchema, type PolicyInput } from "@holdpoint/protocol";
import { compilePolicy, type ToolFacts } from "../src/policies/compile-policy.ts";
import type { Evaluation, PolicyFacts } from "../src/policies/evaluation.ts";

export const NOW = "2026-11-21T10:00:00.000Z";

/** What a policy says of a call of `refund`, unless the action says otherwise. */
export function evaluate(
  policy: PolicyInput,
  action: Partial<PolicyFacts["action"]> = {},
  more: Partial<PolicyFacts> = {},
  tools: ToolFacts[] = [],
): Evaluation {
  const facts = { now: NOW, ...more, action: { name: "refund", arguments: {}, ...action } };
  return compilePolicy(policySchema.parse(policy), tools).evaluate(facts);
}

/** A policy of one rule that takes everything. */
export function always(effect: object, more: object = {}): PolicyInput {
  return { rules: [{ id: "r", effect, ...more }] };
}
