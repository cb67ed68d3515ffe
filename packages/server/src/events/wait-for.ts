import type { Wakeups } from "./wakeups.ts";

export interface WaitOptions<T> {
  wakeups: Wakeups;
  topics: readonly string[];
  timeoutMs: number;
  signal: AbortSignal | undefined;
  /** Reads the state; the wait ends with the first value that `isDone` accepts, or the last one read. */
  read(): Promise<T>;
  isDone(value: T): boolean;
  /** The safety net under wake-ups. Default 2 s. */
  pollMs?(value: T): number;
}

/** Subscribes, reads, and reads again at each wake-up until it is done, the time is over or the caller has gone. */
export async function waitFor<T>(options: WaitOptions<T>): Promise<T> {
  const deadline = performance.now() + options.timeoutMs;
  let wake: () => void = () => undefined;
  let wasWoken = false;
  const listener = (): void => {
    wasWoken = true;
    wake();
  };
  // Listen before the first read: a decision in between must wake us (D19).
  const unsubscribe = options.topics.map((topic) => options.wakeups.subscribe(topic, listener));
  options.signal?.addEventListener("abort", listener);
  try {
    for (;;) {
      wasWoken = false;
      const value = await options.read();
      const leftMs = deadline - performance.now();
      if (options.isDone(value) || leftMs <= 0 || options.signal?.aborted === true) return value;
      if (wasWoken) continue;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        wake = resolve;
        timer = setTimeout(resolve, Math.min(leftMs, options.pollMs?.(value) ?? 2_000));
      });
      clearTimeout(timer);
    }
  } finally {
    for (const end of unsubscribe) end();
    options.signal?.removeEventListener("abort", listener);
  }
}
