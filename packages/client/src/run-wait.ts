import type { Run } from "@holdpoint/protocol";
import { ClarificationDesk } from "./clarifications/desk.ts";
import type { ClarificationOptions } from "./clarifications/handler.ts";
import type { StreamEvent } from "./events.ts";
import type { WaitOptions } from "./holds.ts";
import { persistently } from "./persistent.ts";
import type { Transport } from "./transport.ts";

/** What the waiting needs of a run. */
export interface WatchedRun {
  read(signal: AbortSignal): Promise<Run>;
  /** From its start, through any break. Ends with the run or the signal. */
  events(signal: AbortSignal): AsyncIterable<StreamEvent>;
}

/** After these a run may be at rest, or ask something. */
const NEWS: ReadonlySet<string> = new Set([
  "hold.created",
  "hold.decided",
  "hold.expired",
  "hold.cancelled",
  "run.holding",
  // A question that it shares with another run is decided in the other one's events.
  "run.resumed",
  "run.completed",
  "run.failed",
  "run.cancelled",
  "run.killed",
]);

/**
 * Waits for one run, once.
 *
 * Its events only say when to look: what is true is always read. The stream begins at the run's start, so that nothing
 * falls between the first reading and the first event; however many events come at once, one reading follows.
 */
export class RunWait {
  readonly #run: WatchedRun;
  readonly #desk: ClarificationDesk;
  #isStale = true;
  #failure: { error: unknown } | undefined;
  #wake = () => {};

  constructor(transport: Transport, clarifications: ClarificationOptions, run: WatchedRun) {
    this.#run = run;
    this.#desk = new ClarificationDesk(transport, clarifications, () => this.#look());
  }

  async untilAtRest({ timeoutSeconds, signal }: WaitOptions): Promise<Run> {
    const close = new AbortController();
    const stop = signal === undefined ? close.signal : AbortSignal.any([signal, close.signal]);
    stop.addEventListener("abort", () => this.#look());
    let isOver = false;
    const timer = afterSeconds(timeoutSeconds, () => {
      isOver = true;
      this.#look();
    });
    try {
      void this.#listen(stop);
      for (;;) {
        await this.#news();
        stop.throwIfAborted();
        if (this.#failure !== undefined) throw this.#failure.error;
        const run = await persistently(stop, () => this.#run.read(stop));
        if (isOver || run.endedAt !== null) return run;
        this.#desk.take(run.holds);
        if (this.#desk.failure !== undefined) throw this.#desk.failure;
        if (this.#isLeftToOthers(run)) return run;
      }
    } finally {
      clearTimeout(timer);
      close.abort();
      this.#desk.close();
    }
  }

  /** A run that holds with nothing pending was just answered, and is about to go on. */
  #isLeftToOthers({ status, holds }: Run): boolean {
    const pending = holds.filter((hold) => hold.status === "pending");
    return status === "holding" && pending.length > 0 && pending.every((hold) => this.#desk.leaves(hold));
  }

  async #listen(signal: AbortSignal): Promise<void> {
    try {
      for await (const event of this.#run.events(signal)) if (NEWS.has(event.type)) this.#look();
    } catch (error) {
      this.#failure = { error };
    }
    this.#look();
  }

  #look(): void {
    this.#isStale = true;
    this.#wake();
  }

  async #news(): Promise<void> {
    if (!this.#isStale) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#isStale = false;
  }
}

/** Timers hold 24.8 days at most; whoever waits for longer waits for ever. */
const MAX_TIMER_MS = 2 ** 31 - 1;

function afterSeconds(
  seconds: number | undefined,
  work: () => void,
): ReturnType<typeof setTimeout> | undefined {
  const ms = (seconds ?? Number.POSITIVE_INFINITY) * 1000;
  return ms > MAX_TIMER_MS ? undefined : setTimeout(work, ms);
}
