import type { ServerResponse } from "node:http";
import type { HoldpointEvent } from "@holdpoint/protocol";
import type { EventFilter, LogEvent } from "./event-log.ts";
import type { EventStreams, LogStreamOptions } from "./event-streams.ts";
import type { LogSource } from "./log-tail.ts";
import { RawSink } from "./raw-sink.ts";
import type { StreamEncoding } from "./stream-encoding.ts";
import type { StreamSink } from "./stream-sink.ts";
import { WebSink } from "./web-sink.ts";

/** Node's own response to a request, when that is what is served. */
export interface RawReply {
  outgoing: ServerResponse;
  /** The headers that every answer has. */
  addHeaders: (headers: Headers) => void;
}

export interface StreamResponseOptions<Event extends LogEvent> extends LogStreamOptions<Event> {
  streams: EventStreams;
  /** Absent: the stream is a web stream, which costs more memory and works everywhere. */
  raw?: RawReply | undefined;
  /** How events are written. Default: as server-sent events with a cursor to resume from. */
  encoding?: StreamEncoding | undefined;
  /** Besides those that every event stream has. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Ends the stream when its request has gone. A raw reply finds out by itself. */
  signal?: AbortSignal | undefined;
}

/**
 * A server-sent event stream over the log.
 *
 * Events are pushed as soon as they can be seen; the `id:` they carry is the last *safe* cursor, which may lie before
 * them. A client that resumes from it may get an event twice (it de-duplicates by `data.id`) and never misses one (I12).
 */
export interface EventStreamOptions extends StreamResponseOptions<HoldpointEvent> {
  filter: EventFilter;
}

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
};
/** What `@hono/node-server` takes as: the answer has been given on the raw response. */
const ALREADY_SENT = "x-hono-already-sent";

/** The answer that streams a run's, a hold's or an organisation's events. Throws when too many streams are open. */
export function eventStreamResponse(options: EventStreamOptions): Response {
  return logStreamResponse(options, options.streams.sourceOf(options.filter));
}

/** The same over any part of the log. */
export function logStreamResponse<Event extends LogEvent>(
  options: StreamResponseOptions<Event>,
  source: LogSource<Event>,
): Response {
  const { streams, raw, signal, encoding } = options;
  const own = { ...HEADERS, ...options.headers };
  if (raw !== undefined) {
    streams.open(source, options, () => openRaw(raw, own, encoding));
    const sent = new Response(null, { headers: { [ALREADY_SENT]: "true" } });
    // The light Response of @hono/node-server is written as it is until somebody has looked into it.
    return sent.body === null ? sent : new Response(null);
  }
  let body: ReadableStream<Uint8Array> | undefined;
  const stream = streams.open(source, options, (): StreamSink => {
    const sink = new WebSink(encoding);
    body = sink.stream;
    return sink;
  });
  signal?.addEventListener("abort", () => stream.end("gone"), { once: true });
  if (signal?.aborted === true) stream.end("gone");
  return new Response(body ?? null, { headers: own });
}

function openRaw(
  { outgoing, addHeaders }: RawReply,
  own: Readonly<Record<string, string>>,
  encoding: StreamEncoding | undefined,
): RawSink {
  const headers = new Headers(own);
  addHeaders(headers);
  outgoing.writeHead(200, Object.fromEntries(headers));
  return new RawSink(outgoing, encoding);
}
