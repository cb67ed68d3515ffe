import type { Stake } from "@holdpoint/protocol";

/** Below which confidence a result goes to a person, by what is at stake (R73). */
export const STAKE_THRESHOLDS: Readonly<Record<Stake, number>> = { low: 0.4, medium: 0.65, high: 0.85 };

/** What is at stake where nobody says so (R73). */
export const DEFAULT_STAKE: Stake = "medium";

/** The threshold that counts: the one that is named, else that of the stake. */
export function thresholdOf(
  asked: { threshold?: number | undefined; stake?: Stake | undefined } = {},
): number {
  return asked.threshold ?? STAKE_THRESHOLDS[asked.stake ?? DEFAULT_STAKE];
}

/** Strictly below: a confidence that is the threshold passes (R74). */
export function isBelowThreshold(confidence: number, threshold: number): boolean {
  return confidence < threshold;
}

/**
 * Why a result goes to a person, word for word as R74 has it: `Confidence 0.42 below threshold 0.65`. Two decimals;
 * never rounded up to the threshold that it is below.
 */
export function reasonOfConfidence(confidence: number, threshold: number): string {
  const rounded = confidence.toFixed(2);
  // The next lower hundredth of what is shown: a product of the double just below 0.07 is 7, not less.
  const shown =
    Number(rounded) < threshold ? rounded : (Math.max(0, Number(rounded) * 100 - 1) / 100).toFixed(2);
  return `Confidence ${shown} below threshold ${threshold}`;
}
