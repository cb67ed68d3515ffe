import { setImmediate as nextTurn } from "node:timers/promises";
import type { Logger } from "pino";
import type { EventCursor, LogEvent, ReadLogEvent } from "./event-log.ts";
import type { LogStream } from "./log-stream.ts";
import type { SharedReads } from "./shared-reads.ts";
import { Batch, type StreamPosition } from "./stream-position.ts";
import type { Wakeups } from "./wakeups.ts";

/** A part of the log that can be read page by page from a cursor. */
export interface LogSource<Event extends LogEvent = LogEvent> {
  /** Names the part: streams with the same key read the same, and share their reads. */
  key: string;
  /** What wakes its readers. */
  topics: readonly string[];
  read(after: EventCursor, limit: number): Promise<ReadLogEvent<Event>[]>;
}

export interface LogTailOptions {
  source: LogSource;
  wakeups: Wakeups;
  reads: SharedReads;
  logger: Logger;
  heartbeatMs: number;
  /** Called when the last stream has left. */
  emptied: () => void;
}

/** Events of one read. */
export const PAGE = 200;
/** Streams that are served before others get a turn. */
const SLICE = 250;

/**
 * The end of one part of the log, read once for all streams that follow it.
 *
 *  T1. It is subscribed to its wake-ups before any of its streams reads (W2); a read that begins after a wake-up sees
 *      what it was about.
 *  T2. What it has read goes to every stream that was there when the read ended; each takes it from where it stands.
 *  T3. Without a wake-up it reads at each heartbeat.
 */
export class LogTail {
  readonly #options: LogTailOptions;
  readonly #streams = new Set<LogStream>();
  readonly #unsubscribe: () => void;
  readonly #timer: NodeJS.Timeout;
  #position: StreamPosition | undefined;
  #isReading = false;
  #isWoken = false;
  #isHeartbeatDue = false;

  constructor(options: LogTailOptions) {
    this.#options = options;
    const subscriptions = options.source.topics.map((topic) =>
      options.wakeups.subscribe(topic, () => this.#wake()),
    );
    this.#unsubscribe = () => {
      for (const end of subscriptions) end();
    };
    this.#timer = setInterval(() => {
      this.#isHeartbeatDue = true;
      this.#wake();
    }, options.heartbeatMs);
    this.#timer.unref();
  }

  get streams(): ReadonlySet<LogStream> {
    return this.#streams;
  }

  add(stream: LogStream): void {
    this.#streams.add(stream);
  }

  remove(stream: LogStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    this.#unsubscribe();
    clearInterval(this.#timer);
    this.#options.emptied();
  }

  report(error: unknown): void {
    this.#options.logger.warn({ err: error }, "An event stream broke off; its client resumes.");
  }

  /** Called by a stream that has caught up. */
  follow(stream: LogStream): void {
    this.#position ??= stream.position;
  }

  /** What comes after a safe position. Shared by all that stand there, and begun after the last of them asked. */
  readPage({ safe }: StreamPosition, pages: number): Promise<readonly ReadLogEvent<LogEvent>[]> {
    const { source, reads } = this.#options;
    return reads.get(`${source.key} ${safe.xid} ${safe.id} ${pages}`, () => source.read(safe, PAGE * pages));
  }

  #wake(): void {
    this.#isWoken = true;
    if (this.#isReading) return;
    this.#isReading = true;
    void this.#readWhileWoken();
  }

  async #readWhileWoken(): Promise<void> {
    try {
      while (this.#isWoken && this.#streams.size > 0) {
        this.#isWoken = false;
        const isHeartbeat = this.#isHeartbeatDue;
        this.#isHeartbeatDue = false;
        const batch = await this.#readAll();
        if (batch?.isEmpty !== true) await this.#inSlices((stream) => stream.take(batch));
        if (isHeartbeat) await this.#inSlices((stream) => stream.heartbeat());
      }
    } catch (error) {
      this.report(error);
      for (const stream of Array.from(this.#streams)) stream.end("failed");
    } finally {
      this.#isReading = false;
    }
    if (this.#isWoken && this.#streams.size > 0) this.#wake();
  }

  /** Everything after where the tail stands. Before it, the rights of its readers, and what they tell besides the log. */
  async #readAll(): Promise<Batch | undefined> {
    const streams = Array.from(this.#streams).filter((stream) => stream.isFollowing);
    await Promise.all(streams.map((stream) => stream.check()));
    await Promise.all(streams.map((stream) => stream.tellExtra()));
    const from = this.#position;
    if (from === undefined) return undefined; // nobody has caught up yet, and each reads once more
    const all: ReadLogEvent<LogEvent>[] = [];
    let at = from.safe;
    for (;;) {
      const read = await this.#options.source.read(at, PAGE);
      all.push(...read);
      at = read.at(-1)?.cursor ?? at;
      if (read.length < PAGE) break;
    }
    const batch = new Batch(from, all);
    this.#position = batch.isEmpty ? from : batch.to;
    return batch;
  }

  async #inSlices(serve: (stream: LogStream) => void): Promise<void> {
    let served = 0;
    for (const stream of Array.from(this.#streams)) {
      serve(stream);
      if (++served % SLICE === 0) await nextTurn();
    }
  }
}
