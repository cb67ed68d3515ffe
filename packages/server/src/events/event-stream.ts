import { HoldpointError, type HoldpointEvent } from "@holdpoint/protocol";
import type { Logger } from "pino";
import type { Database } from "../database/database.ts";
import {
  formatCursor,
  readEvents,
  type EventCursor,
  type EventFilter,
  type ReadLogEvent,
} from "./event-log.ts";
import type { Wakeups } from "./wakeups.ts";

/**
 * A server-sent event stream over the log.
 *
 * Events are pushed as soon as they can be seen; the `id:` they carry is the last *safe* cursor, which may lie before
 * them. A client that resumes from it may get an event twice (it de-duplicates by `data.id`) and never misses one (I12).
 */
export interface EventStreamOptions extends LogStreamOptions<HoldpointEvent> {
  database: Database;
  filter: EventFilter;
}

/** A stream over any part of the log that can be read page by page from a cursor. */
export interface LogStreamOptions<Event extends { id: string; type: string }> {
  wakeups: Wakeups;
  logger: Logger;
  after: EventCursor;
  signal: AbortSignal | undefined;
  /**
   * Throws when whoever reads may not any more: signed out, key revoked, removed. Asked before events are sent, at most
   * once a second, and with each heartbeat; the stream then ends, and its client is refused when it comes again.
   */
  assertMayRead?: () => Promise<unknown>;
  /** True for an event after which nothing can follow: the stream ends behind it. */
  isLast?: (event: Event) => boolean;
  /** What is streamed has ended already: the stream gives what is left and ends. */
  isOver?: boolean;
  /** Further text to send at each wake-up, without ids: what is not in the log. */
  extra?: () => Promise<string>;
  /** Between two comments that keep proxies from closing. Default 15 s. */
  heartbeatMs?: number;
}

const PAGE = 200;
const RECHECK_MS = 1_000;
/** A reader that lets this many bytes pile up is dropped; it resumes by its cursor and loses nothing. */
const MAX_BUFFERED_BYTES = 1_000_000;

/** What a stream reads, and what wakes it. */
interface LogSource<Event extends { id: string; type: string }> {
  read(after: EventCursor, limit: number): Promise<ReadLogEvent<Event>[]>;
  topic: string;
}

export function eventStreamResponse(options: EventStreamOptions): Response {
  const { database, filter } = options;
  return logStreamResponse(options, {
    read: (after, limit) => readEvents(database, filter, after, limit),
    topic: topicOf(filter),
  });
}

function topicOf(filter: EventFilter): string {
  if (filter.runId !== undefined) return `run:${filter.runId}`;
  return filter.holdId !== undefined ? `hold:${filter.holdId}` : `org:${filter.orgId}`;
}

export function logStreamResponse<Event extends { id: string; type: string }>(
  options: LogStreamOptions<Event>,
  source: LogSource<Event>,
): Response {
  const cancelled = new AbortController();
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // Not awaited: a stream that has not started yet delivers nothing.
        void run(options, source, controller, cancelled).catch((error: unknown) => {
          if (!cancelled.signal.aborted && !isRefusal(error))
            options.logger.warn({ err: error }, "An event stream broke off; its client resumes.");
          close(controller);
        });
      },
      cancel() {
        cancelled.abort();
      },
    },
    { highWaterMark: MAX_BUFFERED_BYTES, size: (chunk) => chunk?.byteLength ?? 0 },
  );
  return new Response(stream, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
    },
  });
}

async function run<Event extends { id: string; type: string }>(
  options: LogStreamOptions<Event>,
  source: LogSource<Event>,
  controller: ReadableStreamDefaultController<Uint8Array>,
  cancelled: AbortController,
): Promise<void> {
  const { signal: stop } = cancelled;
  options.signal?.addEventListener("abort", () => cancelled.abort(), { once: true });
  const encoder = new TextEncoder();
  const send = (text: string): void => {
    if (stop.aborted || text === "") return;
    controller.enqueue(encoder.encode(text));
    if ((controller.desiredSize ?? 0) <= 0) cancelled.abort();
  };
  const reader = new LogReader(options, source);
  const alarm = new Alarm(options, source.topic, stop);
  try {
    // Told at once, so that a client that is cut off before the first event resumes from here.
    send(`id: ${formatCursor(options.after)}\nretry: 1000\n\n`);
    // What has happened is told first; from then on the text that is being spoken comes before the hold that it
    // leads to, and before the end.
    let isEnded = (await reader.readAll(send)) || options.isOver === true;
    let checkedAt = performance.now();
    while (!isEnded && !stop.aborted) {
      const reason = alarm.arm();
      if (performance.now() - checkedAt >= RECHECK_MS) {
        await options.assertMayRead?.();
        checkedAt = performance.now();
      }
      send((await options.extra?.()) ?? "");
      isEnded = await reader.readAll(send);
      if (!isEnded && (await reason) === "heartbeat") send(`: ${new Date().toISOString()}\n\n`);
    }
  } finally {
    alarm.close();
    close(controller);
  }
}

/** The end of a right is no fault of the stream: its client learns of it from the answer to its next request. */
function isRefusal(error: unknown): boolean {
  return HoldpointError.isInstance(error) && error.status < 500;
}

function close(controller: ReadableStreamDefaultController<Uint8Array>): void {
  try {
    controller.close();
  } catch {
    // Already closed by the reader: nothing is left to end.
  }
}

/** Reads the log forward and remembers what was pushed above the safe cursor. */
class LogReader<Event extends { id: string; type: string }> {
  readonly #options: LogStreamOptions<Event>;
  readonly #source: LogSource<Event>;
  #safe: EventCursor;
  #pushed = new Set<string>();

  constructor(options: LogStreamOptions<Event>, source: LogSource<Event>) {
    this.#options = options;
    this.#source = source;
    this.#safe = options.after;
  }

  /** Pushes everything new; true when the last event has been pushed. */
  async readAll(send: (text: string) => void): Promise<boolean> {
    let isEnded = false;
    let at = this.#safe;
    const above = new Set<string>();
    for (;;) {
      const page = await this.#source.read(at, PAGE);
      for (const { event, cursor, isSafe } of page) {
        if (isSafe) this.#safe = cursor;
        else above.add(event.id);
        if (!this.#pushed.has(event.id)) send(renderServerSentEvent(event, this.#safe));
        isEnded ||= this.#options.isLast?.(event) ?? false;
        at = cursor;
      }
      if (page.length < PAGE) break;
    }
    this.#pushed = above;
    return isEnded;
  }
}

export function renderServerSentEvent(event: { id: string; type: string }, cursor: EventCursor): string {
  return `id: ${formatCursor(cursor)}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Resolves when there is something to read, or when it is time for a heartbeat. */
class Alarm {
  readonly #unsubscribe: (() => void)[];
  readonly #heartbeatMs: number;
  #resolve: (reason: "wake" | "heartbeat") => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #stop: AbortSignal;

  constructor(
    { wakeups, heartbeatMs }: Pick<LogStreamOptions<never>, "wakeups" | "heartbeatMs">,
    topic: string,
    stop: AbortSignal,
  ) {
    const wake = (): void => this.#resolve("wake");
    stop.addEventListener("abort", wake, { once: true });
    this.#unsubscribe = [wakeups.subscribe(topic, wake), () => stop.removeEventListener("abort", wake)];
    this.#heartbeatMs = heartbeatMs ?? 15_000;
    this.#stop = stop;
  }

  /** Armed before the read, so that what happens during it wakes too (W2). */
  arm(): Promise<"wake" | "heartbeat"> {
    clearTimeout(this.#timer);
    return new Promise((resolve) => {
      this.#resolve = resolve;
      if (this.#stop.aborted) resolve("wake");
      this.#timer = setTimeout(() => resolve("heartbeat"), this.#heartbeatMs);
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const end of this.#unsubscribe) end();
  }
}
