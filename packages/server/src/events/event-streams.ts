import type { HoldpointEvent } from "@holdpoint/protocol";
import type { Logger } from "pino";
import type { Database } from "../database/database.ts";
import { readEvents, type EventCursor, type EventFilter, type LogEvent } from "./event-log.ts";
import { LogStream } from "./log-stream.ts";
import { LogTail, type LogSource } from "./log-tail.ts";
import { SharedReads } from "./shared-reads.ts";
import { positionAt } from "./stream-position.ts";
import { STREAM_LIMITS, StreamQuota, type StreamLimits } from "./stream-quota.ts";
import type { StreamSink } from "./stream-sink.ts";
import { midwayTopic, type Wakeups } from "./wakeups.ts";

export interface EventStreamsOptions {
  database: Database;
  wakeups: Wakeups;
  logger: Logger;
  /** Fires when the service stops: every stream ends, and its client resumes at another instance. */
  stopping: AbortSignal;
  limits?: Partial<StreamLimits> | undefined;
  /** How long a reader with a full buffer may take nothing. Default 30 s. */
  stalledMs?: number | undefined;
}

/** What a stream of any part of the log is opened with. */
export interface LogStreamOptions<Event extends LogEvent> {
  after: EventCursor;
  /** Whose stream it is: so many are open at once with one credential, and no more. */
  credential?: string | undefined;
  /**
   * Throws when whoever reads may not any more: signed out, key revoked, removed. Asked before events are sent, at most
   * once a second, and with each heartbeat; the stream then ends, and its client is refused when it comes again.
   */
  assertMayRead?: (() => Promise<unknown>) | undefined;
  /** True for an event after which nothing can follow: the stream ends behind it. */
  isLast?: ((event: Event) => boolean) | undefined;
  /** What is streamed has ended already: the stream gives what is left and ends. */
  isOver?: boolean;
  /** Further text to send at each wake-up, without ids: what is not in the log. */
  extra?: (() => Promise<string>) | undefined;
  /** Between two signs of life that keep proxies from closing. Default 15 s. */
  heartbeatMs?: number | undefined;
}

export const HEARTBEAT_MS = 15_000;
const STALLED_MS = 30_000;

/**
 * Every open stream of this instance.
 *
 * Owns: how many there are, and one tail for each part of the log that somebody follows. However many streams follow the
 * same part, a wake-up costs one read of it.
 */
export class EventStreams {
  readonly reads = new SharedReads();
  readonly #options: EventStreamsOptions;
  readonly #quota: StreamQuota;
  readonly #tails = new Map<string, LogTail>();

  constructor(options: EventStreamsOptions) {
    this.#options = options;
    this.#quota = new StreamQuota({ ...STREAM_LIMITS, ...options.limits });
    options.stopping.addEventListener("abort", () => this.#endAll(), { once: true });
  }

  /** Streams that are open. */
  get count(): number {
    return this.#quota.total;
  }

  /** Throws when there is no place for another stream; `open` asks again. */
  assertRoom(credential: string): void {
    this.#quota.assertRoom(credential);
  }

  /** The part of the log that `GET /v1/events` reads. */
  sourceOf(filter: EventFilter): LogSource<HoldpointEvent> {
    const { orgId, runId, holdId } = filter;
    const topics =
      runId !== undefined
        ? [`run:${runId}`, midwayTopic(runId)]
        : [holdId !== undefined ? `hold:${holdId}` : `org:${orgId}`];
    return {
      key: JSON.stringify(["events", orgId, runId ?? null, holdId ?? null]),
      topics,
      read: (after, limit) => readEvents(this.#options.database, filter, after, limit),
    };
  }

  /**
   * Takes a place for a stream. Throws `too_many_requests` or `overloaded` when there is none; the sink is made after.
   */
  open<Event extends LogEvent>(
    source: LogSource<Event>,
    options: LogStreamOptions<Event>,
    makeSink: () => StreamSink,
  ): LogStream {
    const { credential } = options;
    this.#quota.take(credential);
    let sink: StreamSink;
    try {
      sink = makeSink();
    } catch (error) {
      this.#quota.giveBack(credential);
      throw error;
    }
    const stream = new LogStream({
      tail: this.#tailOf(source, options.heartbeatMs ?? HEARTBEAT_MS),
      sink,
      position: positionAt(options.after),
      assertMayRead: options.assertMayRead,
      isLast: options.isLast as ((event: LogEvent) => boolean) | undefined,
      isOver: options.isOver === true,
      extra: options.extra,
      stalledMs: this.#options.stalledMs ?? STALLED_MS,
      ended: () => this.#quota.giveBack(credential),
    });
    stream.start();
    if (this.#options.stopping.aborted) stream.end("stopping");
    return stream;
  }

  #tailOf(source: LogSource, heartbeatMs: number): LogTail {
    const key = `${heartbeatMs} ${source.key}`;
    const known = this.#tails.get(key);
    if (known !== undefined) return known;
    const tail = new LogTail({
      source,
      wakeups: this.#options.wakeups,
      reads: this.reads,
      logger: this.#options.logger,
      heartbeatMs,
      emptied: () => this.#tails.delete(key),
    });
    this.#tails.set(key, tail);
    return tail;
  }

  #endAll(): void {
    for (const tail of Array.from(this.#tails.values()))
      for (const stream of Array.from(tail.streams)) stream.end("stopping");
  }
}
