import { routeInWords, type Tier } from "@holdpoint/protocol";
import type { Evaluation, PolicyFacts } from "./evaluation.ts";

/** An action that was proposed once, as the policy looked at it then. `facts.now` says when. */
export interface RecordedAction {
  id: string;
  facts: PolicyFacts;
}

/** How two evaluations of one action differ. */
export interface EvaluationChange {
  /** `held` and `released`: it waits now, or no longer. `handled`: it waits in both, in another way. */
  kind: "same" | "held" | "released" | "handled";
  /** What differs, such as `tier` and `route`. */
  members: (typeof COMPARED)[number][];
}

/** What matters for who is asked, how, and what silence means (I8). */
const COMPARED = [
  "held",
  "level",
  "tier",
  "route",
  "quorum",
  "separation",
  "strength",
  "timeoutSeconds",
  "respondSeconds",
  "remindEverySeconds",
  "businessHours",
  "onTimeout",
  "channels",
] as const satisfies readonly (keyof Evaluation)[];

/** How a hold is handled matters only where there is one. */
export function compareEvaluations(before: Evaluation, after: Evaluation): EvaluationChange {
  if (!before.held && !after.held) return { kind: "same", members: [] };
  const members = COMPARED.filter((name) => !isSameMember(before[name], after[name]));
  if (before.held !== after.held) return { kind: after.held ? "held" : "released", members };
  return { kind: members.length === 0 ? "same" : "handled", members };
}

function isSameMember(left: unknown, right: unknown): boolean {
  return JSON.stringify(sorted(left)) === JSON.stringify(sorted(right));
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return entries.map(([name, member]) => [name, sorted(member)]);
}

/** What a policy does with many actions. Counts are of actions. */
export interface PolicySummary {
  actions: number;
  held: number;
  /** Days (UTC) on which something was proposed. */
  days: number;
  heldPerDay: number;
  byDay: Record<string, { actions: number; held: number }>;
  /** By the id of the rule that decided; `""` where none did. */
  byRule: Record<string, { actions: number; held: number }>;
  /** Holds by who would have been asked, in words. */
  byRoute: Record<string, number>;
  byTier: Record<Tier, number>;
}

/** Runs recorded actions through a policy and counts. Nothing is stored, nobody is asked. */
export function summarize(
  actions: readonly RecordedAction[],
  evaluate: (facts: PolicyFacts) => Evaluation,
): PolicySummary {
  const byDay = new Map<string, { actions: number; held: number }>();
  const byRule = new Map<string, { actions: number; held: number }>();
  const byRoute = new Map<string, number>();
  const byTier: Record<Tier, number> = { automated: 0, async_review: 0, sync_gate: 0, escalation: 0 };
  let held = 0;
  for (const { facts } of actions) {
    const found = evaluate(facts);
    count(byDay, facts.now.slice(0, 10), found.held);
    count(byRule, found.rule ?? "", found.held);
    byTier[found.tier] += 1;
    if (!found.held) continue;
    held += 1;
    const route = routeInWords(found.route);
    byRoute.set(route, (byRoute.get(route) ?? 0) + 1);
  }
  const days = byDay.size;
  return {
    actions: actions.length,
    held,
    days,
    heldPerDay: days === 0 ? 0 : held / days,
    byDay: Object.fromEntries([...byDay].toSorted(([left], [right]) => (left < right ? -1 : 1))),
    byRule: Object.fromEntries(byRule),
    byRoute: Object.fromEntries(byRoute),
    byTier,
  };
}

function count(counts: Map<string, { actions: number; held: number }>, name: string, isHeld: boolean): void {
  const before = counts.get(name) ?? { actions: 0, held: 0 };
  counts.set(name, { actions: before.actions + 1, held: before.held + (isHeld ? 1 : 0) });
}

/** An action that a draft would treat otherwise. */
export interface ChangedAction {
  id: string;
  name: string;
  change: EvaluationChange;
  before: Evaluation;
  after: Evaluation;
}

export interface Backtest {
  before: PolicySummary;
  after: PolicySummary;
  /** How many actions changed, by kind. */
  changes: Record<Exclude<EvaluationChange["kind"], "same">, number>;
  /** The first of them. */
  examples: ChangedAction[];
}

/** Runs a draft over recorded actions beside the policy in force: what would change. */
export function backtest(
  actions: readonly RecordedAction[],
  evaluateBefore: (facts: PolicyFacts) => Evaluation,
  evaluateAfter: (facts: PolicyFacts) => Evaluation,
  maxExamples = 50,
): Backtest {
  const changes = { held: 0, released: 0, handled: 0 };
  const examples: ChangedAction[] = [];
  for (const { id, facts } of actions) {
    const [before, after] = [evaluateBefore(facts), evaluateAfter(facts)];
    const change = compareEvaluations(before, after);
    if (change.kind === "same") continue;
    changes[change.kind] += 1;
    if (examples.length < maxExamples) examples.push({ id, name: facts.action.name, change, before, after });
  }
  return {
    before: summarize(actions, evaluateBefore),
    after: summarize(actions, evaluateAfter),
    changes,
    examples,
  };
}
