import type { Cost } from "@holdpoint/protocol";
import type { Prices } from "../agents/price.ts";
import type { RunRow, StepRow, Usage } from "./run-row.ts";

/** Null without a price, and where no usage is known. */
export function costOf(usage: Usage | null, model: string | null, prices: Prices): Cost {
  const price = model !== null && Object.hasOwn(prices, model) ? prices[model] : undefined;
  if (usage === null || price === undefined) return null;
  const { inputTokens, outputTokens } = usage;
  return {
    currency: price.currency,
    amount: round((inputTokens * price.inputPerMillion + outputTokens * price.outputPerMillion) / 1_000_000),
  };
}

/**
 * What a run has cost so far: its steps by the models that were asked. What else it used (estimates of confidence) counts at
 * the price of its own model. Null where a model has no price, or two have prices in different currencies: part of a sum
 * would look like the whole.
 */
export function costOfRun(
  run: Pick<RunRow, "usage" | "model">,
  steps: readonly StepRow[],
  prices: Prices,
): Cost {
  const used = steps.filter(({ usage }) => usage !== null);
  const costs = used.map(({ usage, model }) => costOf(usage, model, prices));
  const rest = remainder(run.usage, used);
  if (rest !== null) costs.push(costOf(rest, run.model, prices));
  const currency = costs[0]?.currency;
  if (currency === undefined || costs.some((cost) => cost?.currency !== currency)) return null;
  return { currency, amount: round(costs.reduce((sum, cost) => sum + (cost?.amount ?? 0), 0)) };
}

function remainder(whole: Usage | null, steps: readonly StepRow[]): Usage | null {
  if (whole === null) return null;
  const sum = (of: (usage: Usage) => number): number =>
    Math.max(0, of(whole) - steps.reduce((total, { usage }) => total + (usage === null ? 0 : of(usage)), 0));
  const rest = {
    inputTokens: sum((usage) => usage.inputTokens),
    outputTokens: sum((usage) => usage.outputTokens),
    totalTokens: sum((usage) => usage.totalTokens),
  };
  return rest.inputTokens + rest.outputTokens === 0 ? null : rest;
}

/** To a billionth: what binary fractions add beyond that is noise. */
function round(amount: number): number {
  return Math.round(amount * 1e9) / 1e9;
}
