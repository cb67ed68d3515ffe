/** What one cell came to. Times in milliseconds. */
export interface Load {
  cycles: number;
  /** From the first cycle's start to the last one's end. */
  seconds: number;
  p50Ms: number;
  p99Ms: number;
}

/** The value that `share` of the sorted values do not exceed (nearest rank). NaN of none. */
export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** The middle value, of an even number the mean of the two. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}
