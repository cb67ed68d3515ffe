import { isTerminalRun, type Run } from "@holdpoint/protocol";
import type { Prices } from "../agents/price.ts";
import type { Database } from "../database/database.ts";
import { currentCursor } from "../events/event-log.ts";
import type { EventStreams } from "../events/event-streams.ts";
import { spokenTextReader, type SpokenText } from "../events/run-text.ts";
import type { StreamEncoding } from "../events/stream-encoding.ts";
import { MAX_BUFFERED_BYTES, type StreamSink } from "../events/stream-sink.ts";
import { getRun } from "./read-runs.ts";

/** What somebody who follows a run sees next. */
export type RunSight =
  /** The run as it is now: something has happened in it. */
  | { kind: "run"; run: Run }
  /** What its model says, while it speaks. The steps of the run have it whole. */
  | { kind: "text"; spoken: SpokenText }
  /** Nothing, for a while: a sign of life is due. */
  | { kind: "alive" };

export interface FollowRunOptions {
  database: Database;
  streams: EventStreams;
  credentialHash: string;
  run: { id: string; orgId: string };
  prices: Prices;
  heartbeatMs?: number | undefined;
}

/** A run that waits for a person or for an operator, or has ended: nothing more comes of itself. */
export function isAtRest(run: Run): boolean {
  return (
    isTerminalRun(run.status) ||
    run.status === "paused" ||
    (run.status === "holding" && run.holds.some(({ status }) => status === "pending"))
  );
}

const CHANGED = new Uint8Array(0);
/** Only that something has happened matters: what, the run says when it is read. */
const signals: StreamEncoding = {
  encode: (told) => (told.length === 0 ? [] : [CHANGED]),
  start: () => CHANGED,
};

/**
 * Follows one run as it is, and not as its log tells it: for protocols whose events are made of states. Whatever happens
 * between two looks is seen in the second (I12), and none comes out of order.
 *
 * Owns: its place among the streams, which it takes of the same quota, and what was said and not yet taken. Does not own:
 * what its reader was told. Costs one read of the text and one of the run for each burst of events.
 */
export class RunFollower implements StreamSink {
  readonly encoding = signals;
  readonly #options: FollowRunOptions;
  readonly #spoken: SpokenText[] = [];
  #buffered = 0;
  #hasChanged = false;
  #isDue = false;
  #hasEnded = false;
  #wake: (() => void) | undefined;
  #drained: (() => void) | undefined;
  #closed: (() => void) | undefined;

  private constructor(options: FollowRunOptions) {
    this.#options = options;
  }

  /** Throws `too_many_requests` or `overloaded` when there is no place. The first sight is the run as it is. */
  static async open(options: FollowRunOptions): Promise<RunFollower> {
    const { streams, run, credentialHash, heartbeatMs } = options;
    const after = await currentCursor(options.database);
    const follower = new RunFollower(options);
    const read = spokenTextReader({ ...options, reads: streams.reads }, run.orgId, run.id);
    const extra = async (): Promise<string> => {
      const spoken = await read();
      // Woken for something else: of a run that this one called nothing stands in its own log.
      if (spoken === undefined) follower.write();
      else follower.#take(spoken);
      return "";
    };
    const filter = { orgId: run.orgId, runId: run.id };
    streams.open(
      streams.sourceOf(filter),
      { after, credential: credentialHash, extra, heartbeatMs },
      () => follower,
    );
    return follower;
  }

  /** Waits for the next sight; undefined once it is closed. Throws when whoever follows may not read the run any more. */
  async next(): Promise<RunSight | undefined> {
    for (;;) {
      const spoken = this.#spoken.shift();
      if (spoken !== undefined) {
        this.#buffered -= spoken.text.length;
        if (!this.isFull) this.#drained?.();
        return { kind: "text", spoken };
      }
      if (this.#hasEnded) return undefined;
      if (this.#isDue) {
        this.#isDue = false;
        return { kind: "alive" };
      }
      if (this.#hasChanged) {
        this.#hasChanged = false;
        const { database, streams, credentialHash, run, prices } = this.#options;
        const read = (): Promise<Run> => getRun(database, credentialHash, run.id, prices);
        return { kind: "run", run: await streams.reads.get(`run ${credentialHash} ${run.id}`, read) };
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  /** Gives its place back. Repeating it does nothing. */
  close(): void {
    this.#closed?.();
  }

  get isFull(): boolean {
    return this.#buffered >= MAX_BUFFERED_BYTES;
  }

  write(): void {
    this.#hasChanged = true;
    this.#wake?.();
  }

  /** Looks once more, too: the net under wake-ups. */
  heartbeat(): void {
    this.#isDue = true;
    this.write();
  }

  onceDrained(listener: () => void): void {
    this.#drained = listener;
  }

  onClose(listener: () => void): void {
    this.#closed = listener;
  }

  end(): void {
    this.#hasEnded = true;
    this.#wake?.();
  }

  #take(spoken: SpokenText): void {
    this.#spoken.push(spoken);
    this.#buffered += spoken.text.length;
    this.#wake?.();
  }
}
