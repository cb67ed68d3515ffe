import { HoldpointError } from "@holdpoint/protocol";
import { backoffMs, delay } from "./backoff.ts";

/**
 * Does it until it is answered: what may succeed later is tried again for as long as `signal` lets it. Throws refusals,
 * and the reason of `signal`.
 */
export async function persistently<Result>(
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let failures = 1; ; failures++) {
    try {
      signal.throwIfAborted();
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!HoldpointError.isInstance(error) || !error.retryable) throw error;
      await delay(backoffMs(failures, { firstMs: 500, maxMs: 10_000, random: Math.random }), signal);
    }
  }
}
