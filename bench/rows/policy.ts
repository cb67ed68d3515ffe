// P12 and P13, the policy by itself, in this process: how long one action waits for its answer.
import { compilePolicy, type CompiledPolicy, type PolicyFacts } from "@holdpoint/core";
import { policySchema, type PolicyInput } from "@holdpoint/protocol";
import { percentile } from "../load/latencies.ts";
import type { RowOptions } from "./row-options.ts";

/** Times of one evaluation after the other. */
export interface EvaluationTimes {
  evaluations: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

export interface PolicyTimes {
  rules: number;
  /** Each rule names one of the tools, and the action is of one of them. */
  indexed: EvaluationTimes;
  /** No rule names a tool, and none matches: all of them are looked at. */
  unindexed: EvaluationTimes;
}

export const POLICY_RULES = 1_000;
const TOOLS = 100;
const NOW = "2026-11-21T10:00:00.000Z";

type PolicyRow = Pick<RowOptions, "plan" | "log">;

/** P12: an action that proceeds, through a policy as an organisation would have it: presets, detectors, conditions. */
export function measureAutomaticGate({ plan, log }: PolicyRow): EvaluationTimes {
  const policy = compile({
    rules: [
      { id: "high-value", preset: "high_value_transaction" },
      { id: "personal", tools: ["create_draft", "send_email"], preset: "personal_data" },
      { id: "regulated", preset: "regulatory" },
      { id: "unsure", preset: "low_confidence" },
      { id: "many", tools: ["delete_record"], when: "arguments.count > 50", effect: { tier: "escalation" } },
      {
        id: "abroad",
        when: "has(arguments.country) && arguments.country != 'DE'",
        effect: { tier: "sync_gate" },
      },
      { id: "night", when: "value > 0 && now.getHours() < 6", effect: { tier: "async_review" } },
    ],
  });
  const facts: PolicyFacts = {
    action: {
      name: "create_draft",
      arguments: {
        subject: "The order of last week",
        text: "We are sorry that it came late, and send another one on Monday.",
        country: "DE",
        lines: [{ article: "A-7", count: 2 }],
      },
      value: 12.5,
    },
    agentId: "clerk",
    confidence: 0.9,
    now: NOW,
  };
  if (policy.evaluate(facts).held) throw new Error("The action was to proceed.");
  const times = timesOf(policy, () => facts, plan.policyMs);
  log(`automatic gate: p99 ${times.p99Ms.toFixed(4)} ms over ${times.evaluations} evaluations`);
  return times;
}

/** P13: one action, 1,000 rules of two terms. */
export function measurePolicy({ plan, log }: PolicyRow): PolicyTimes {
  const rules = Array.from({ length: POLICY_RULES }, (_, index) => ({
    id: `r${index}`,
    tools: [`tool_${index % TOOLS}`],
    // None holds, so that all rules of a tool are looked at.
    when: `value >= ${1_000_000 + index} && arguments.kind == "kind_${index}"`,
    effect: { tier: "sync_gate" as const },
  }));
  const unindexed = rules.map((rule) => ({ id: rule.id, when: rule.when, effect: rule.effect }));
  const factsOf = (index: number): PolicyFacts => ({
    action: {
      name: `tool_${index % TOOLS}`,
      arguments: { kind: `kind_${index}`, amount: index },
      reversibility: "reversible",
      value: 2_000_000, // the first term holds, so that both are looked at
    },
    now: NOW,
  });
  const times = {
    rules: POLICY_RULES,
    indexed: timesOf(compile({ rules }), (index) => factsOf(index * 7 + 1_000_000), plan.policyMs),
    unindexed: timesOf(
      compile({ rules: unindexed }),
      (index) => factsOf(index * 7 + 1_000_000),
      plan.policyMs,
    ),
  };
  log(
    `${POLICY_RULES} rules: p99 ${times.indexed.p99Ms.toFixed(4)} ms by tool, ${times.unindexed.p99Ms.toFixed(4)} ms all`,
  );
  return times;
}

function compile(policy: PolicyInput): CompiledPolicy {
  return compilePolicy(policySchema.parse(policy));
}

/** Every evaluation is timed by itself: a share of slow ones must show. */
function timesOf(
  policy: CompiledPolicy,
  factsOf: (index: number) => PolicyFacts,
  forMs: number,
): EvaluationTimes {
  const all: number[] = [];
  run(forMs / 4); // warms up
  all.length = 0;
  run(forMs);
  const sorted = Float64Array.from(all).sort();
  return {
    evaluations: sorted.length,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    maxMs: sorted.at(-1) ?? Number.NaN,
  };

  function run(ms: number): void {
    const until = performance.now() + ms;
    for (let index = 0, now = performance.now(); now < until; index++) {
      const facts = factsOf(index);
      const from = performance.now();
      policy.evaluate(facts);
      now = performance.now();
      all.push(now - from);
    }
  }
}
