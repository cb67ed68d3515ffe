/** Work that is done again and again while the service runs. Owns a timer, and nothing else. */
export interface Repeating {
  start(): void;
  /** Resolves when what is under way has ended; nothing begins any more. */
  stop(): Promise<void>;
}

/**
 * Does `work` every `intervalMs`, counted from the end of one to the begin of the next, so that two never overlap. What it
 * throws goes to `failed`, and it is done again all the same.
 */
export function repeating(
  work: () => Promise<void>,
  { intervalMs, failed }: { intervalMs: number; failed: (error: unknown) => void },
): Repeating {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  let isStopped = true;

  function schedule(): void {
    if (isStopped) return;
    timer = setTimeout(() => {
      running = work().catch(failed).then(schedule);
    }, intervalMs);
  }

  return {
    start() {
      isStopped = false;
      schedule();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
