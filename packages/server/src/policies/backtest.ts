import { setImmediate } from "node:timers/promises";
import { compareEvaluations, compilePolicy, type Evaluation } from "@holdpoint/core";
import { routeInWords, type Backtest, type JsonObject } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import { checkDocument, requireUsable, type PolicyCatalogue } from "./check-document.ts";
import { catalogueOf } from "./edit-policy.ts";
import type { PolicyStore } from "./policy-store.ts";
import { MAX_ACTIONS, readRecordedActions, type RecordedAction } from "./recorded-actions.ts";

export interface BacktestDeps {
  database: Database;
  policies: PolicyStore;
  catalogue: PolicyCatalogue;
  now: () => number;
}

const MAX_EXAMPLES = 20;
const ACTIONS_AT_A_TIME = 50;
const DAY_MS = 86_400_000;

/**
 * Runs a draft over the recorded actions of the last days, beside the policy in force: before is what that would do with
 * them, after what the draft would. Whether it was a first time is as it was recorded, and a first time where that was
 * not asked.
 */
export async function backtest(
  deps: BacktestDeps,
  orgId: string,
  { document, days }: { document: JsonObject; days: number },
): Promise<Backtest> {
  const catalogue = await catalogueOf(deps, orgId);
  const policy = requireUsable(document, catalogue);
  const draft = compilePolicy(policy, catalogue.tools);
  const { compiled: inForce } = await deps.policies.get(orgId);
  const to = deps.now();
  const from = to - days * DAY_MS;
  const tally = new Tally();
  let count = 0;
  for await (const actions of readRecordedActions(deps.database, orgId, from)) {
    for (const action of actions) {
      tally.add(action, inForce.evaluate(action.facts), draft.evaluate(action.facts));
      // A thousand rules cost a quarter of a millisecond an action: others are answered in between.
      if (++count % ACTIONS_AT_A_TIME === 0) await setImmediate();
    }
  }
  return {
    days,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    ...tally.result(),
    findings: checkDocument(document, catalogue).findings,
  };
}

interface Counts {
  actions: number;
  heldThen: number;
  heldBefore: number;
  heldAfter: number;
}

class Tally {
  readonly #total: Counts = { actions: 0, heldThen: 0, heldBefore: 0, heldAfter: 0 };
  #handled = 0;
  readonly #days = new Map<string, Counts>();
  readonly #rules = new Map<string | null, Omit<Backtest["byRule"][number], "rule">>();
  readonly #routes = new Map<string, Omit<Backtest["byRoute"][number], "route">>();
  readonly #examples: Backtest["examples"] = [];

  add(action: RecordedAction, before: Evaluation, after: Evaluation): void {
    const day = action.createdAt.slice(0, 10);
    const none = (): Counts => ({ actions: 0, heldThen: 0, heldBefore: 0, heldAfter: 0 });
    for (const counts of [this.#total, entryOf(this.#days, day, none)]) {
      counts.actions += 1;
      counts.heldThen += Number(action.held);
      counts.heldBefore += Number(before.held);
      counts.heldAfter += Number(after.held);
    }
    this.#addSide(before, "Before");
    this.#addSide(after, "After");
    const { kind, members } = compareEvaluations(before, after);
    if (kind === "same") return;
    if (kind === "handled") this.#handled += 1;
    if (this.#examples.length >= MAX_EXAMPLES) return;
    this.#examples.push({
      eventId: action.eventId,
      createdAt: action.createdAt,
      action: action.name,
      holdId: action.holdId,
      heldBefore: before.held,
      heldAfter: after.held,
      differs: members,
      rule: after.rule,
      reason: after.reasons[0]?.text ?? "",
    });
  }

  #addSide(evaluation: Evaluation, side: "Before" | "After"): void {
    const rule = entryOf(this.#rules, evaluation.rule, () => ({
      decidedBefore: 0,
      decidedAfter: 0,
      heldBefore: 0,
      heldAfter: 0,
    }));
    rule[`decided${side}`] += 1;
    if (!evaluation.held) return;
    rule[`held${side}`] += 1;
    const route = routeInWords(evaluation.route);
    entryOf(this.#routes, route, () => ({ heldBefore: 0, heldAfter: 0 }))[`held${side}`] += 1;
  }

  result(): Pick<
    Backtest,
    "total" | "handled" | "byDay" | "byRule" | "byRoute" | "examples" | "isTruncated"
  > {
    return {
      isTruncated: this.#total.actions >= MAX_ACTIONS,
      total: { ...this.#total },
      handled: this.#handled,
      byDay: [...this.#days].map(([day, counts]) => ({ day, ...counts })),
      byRule: [...this.#rules].map(([rule, counts]) => ({ rule, ...counts })),
      byRoute: [...this.#routes].map(([route, counts]) => ({ route, ...counts })),
      examples: this.#examples,
    };
  }
}

export function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
