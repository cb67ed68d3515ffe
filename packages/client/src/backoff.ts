export interface BackoffOptions {
  /** Upper bound of the first delay in milliseconds. */
  firstMs: number;
  /** Upper bound of every delay in milliseconds. */
  maxMs: number;
  /** Number from 0 up to 1. */
  random: () => number;
}

/**
 * The delay before attempt `attempt` (1 is the first repetition): exponential, with full jitter so that clients which
 * failed together do not come back together. At least 10 % of the bound, so that a loop cannot spin.
 */
export function backoffMs(attempt: number, options: BackoffOptions): number {
  const bound = Math.min(options.maxMs, options.firstMs * 2 ** (attempt - 1));
  return bound * (0.1 + 0.9 * options.random());
}

/** `Retry-After` in milliseconds (seconds or an HTTP date), or undefined. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Waits; rejects with the signal's reason as soon as it is aborted. */
export async function delay(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
