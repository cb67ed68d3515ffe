/** How long, in words. Several parts add up: `{ hours: 1, minutes: 30 }`. */
export interface Duration {
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
}

const MS = { days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1_000 } as const;

/** Milliseconds. Throws `RangeError` for a duration below zero, and for a part that is no number. */
export function toMs(duration: Duration): number {
  let total = 0;
  for (const [unit, amount] of Object.entries(duration) as [keyof Duration, number | undefined][]) {
    const perUnit = MS[unit] as number | undefined;
    if (perUnit === undefined) {
      throw new RangeError(`A duration has ${Object.keys(MS).join(", ")}, not ${JSON.stringify(unit)}.`);
    }
    total += (amount ?? 0) * perUnit;
  }
  if (!(total >= 0)) throw new RangeError(`A duration is zero or more: ${JSON.stringify(duration)} is not.`);
  return total;
}
