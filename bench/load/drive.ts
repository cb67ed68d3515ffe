import { percentile, type Load } from "./latencies.ts";

/** One whole cycle: a hold is created and decided. Throws when either did not succeed. */
export type Cycle = () => Promise<void>;

export interface DriveOptions {
  /** No cycle starts later than this after the first. */
  forMs: number;
  maxCycles: number;
}

/** Runs each cycle over and over, all at once, as that many clients would. The first failure ends it. */
export async function drive(clients: readonly Cycle[], { forMs, maxCycles }: DriveOptions): Promise<Load> {
  const latencies = new Float64Array(maxCycles + clients.length);
  const startedAt = performance.now();
  let cycles = 0;
  async function loop(cycle: Cycle): Promise<void> {
    for (;;) {
      const begun = performance.now();
      if (begun - startedAt >= forMs || cycles >= maxCycles) return;
      await cycle();
      latencies[cycles++] = performance.now() - begun;
    }
  }
  await Promise.all(clients.map(loop));
  const seconds = (performance.now() - startedAt) / 1_000;
  const sorted = latencies.subarray(0, cycles).sort();
  return { cycles, seconds, p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
}
