import { compilePolicy, type Evaluation } from "@holdpoint/core";
import { routeInWords, type Backtest, type JsonObject } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import { checkDocument, requireUsable, type PolicyCatalogue } from "./check-document.ts";
import { MAX_ACTIONS, readRecordedActions, type RecordedAction } from "./recorded-actions.ts";

export interface BacktestDeps {
  database: Database;
  catalogue: PolicyCatalogue;
  now: () => number;
}

const MAX_EXAMPLES = 20;
const DAY_MS = 86_400_000;

/**
 * Runs a draft over the recorded actions of the last days. Before is what became of them, after what the draft would have
 * done; whether it was a first time is as it was recorded, and a first time where that was not asked.
 */
export async function backtest(
  deps: BacktestDeps,
  orgId: string,
  { document, days }: { document: JsonObject; days: number },
): Promise<Backtest> {
  const policy = requireUsable(document, deps.catalogue);
  const compiled = compilePolicy(policy, deps.catalogue.tools);
  const to = deps.now();
  const from = to - days * DAY_MS;
  const tally = new Tally();
  for await (const actions of readRecordedActions(deps.database, orgId, from))
    for (const action of actions) tally.add(action, compiled.evaluate(action.facts));
  return {
    days,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    ...tally.result(),
    findings: checkDocument(document, deps.catalogue).findings,
  };
}

interface Counts {
  actions: number;
  heldBefore: number;
  heldAfter: number;
}

class Tally {
  readonly #total: Counts = { actions: 0, heldBefore: 0, heldAfter: 0 };
  readonly #days = new Map<string, Counts>();
  readonly #rules = new Map<string | null, { heldBefore: number; heldAfter: number; decided: number }>();
  readonly #routes = new Map<string, { heldBefore: number; heldAfter: number }>();
  readonly #examples: Backtest["examples"] = [];

  add(action: RecordedAction, after: Evaluation): void {
    const [before, now] = [Number(action.held), Number(after.held)];
    const day = action.createdAt.slice(0, 10);
    for (const counts of [
      this.#total,
      entryOf(this.#days, day, () => ({ actions: 0, heldBefore: 0, heldAfter: 0 })),
    ]) {
      counts.actions += 1;
      counts.heldBefore += before;
      counts.heldAfter += now;
    }
    const empty = () => ({ heldBefore: 0, heldAfter: 0, decided: 0 });
    entryOf(this.#rules, action.rule, empty).heldBefore += before;
    const rule = entryOf(this.#rules, after.rule, empty);
    rule.heldAfter += now;
    rule.decided += 1;
    const none = () => ({ heldBefore: 0, heldAfter: 0 });
    if (action.route !== null) entryOf(this.#routes, routeInWords(action.route), none).heldBefore += 1;
    if (after.held) entryOf(this.#routes, routeInWords(after.route), none).heldAfter += 1;
    if (action.held !== after.held && this.#examples.length < MAX_EXAMPLES) {
      this.#examples.push({
        eventId: action.eventId,
        createdAt: action.createdAt,
        action: action.name,
        holdId: action.holdId,
        heldBefore: action.held,
        heldAfter: after.held,
        rule: after.rule,
        reason: after.reasons[0]?.text ?? "",
      });
    }
  }

  result(): Pick<Backtest, "total" | "byDay" | "byRule" | "byRoute" | "examples" | "isTruncated"> {
    return {
      isTruncated: this.#total.actions >= MAX_ACTIONS,
      total: { ...this.#total },
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
