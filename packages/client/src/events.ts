import type { HoldpointEvent } from "@holdpoint/protocol";
import { HoldpointError } from "@holdpoint/protocol";
import { HoldpointConnectionError } from "./api-error.ts";
import { backoffMs, delay } from "./backoff.ts";
import { EventStreamParser, type ServerSentEvent } from "./event-stream.ts";
import type { Transport } from "./transport.ts";

/** Text of a turn while the model speaks. Not stored: after a reconnect the finished step has it whole. */
export interface RunTextEvent {
  type: "run.text";
  runId: string;
  step: number;
  /** Where in the turn's text `text` begins, in UTF-16 units; 0 again when the turn began anew. */
  offset: number;
  text: string;
}

/** What a stream yields. */
export type StreamEvent = HoldpointEvent | RunTextEvent;

export interface EventsOptions {
  /** Only events of this run or hold. */
  runId?: string | undefined;
  holdId?: string | undefined;
  /** Start after this cursor instead of now. */
  lastEventId?: string | undefined;
  /** Ends the iteration, without an error. */
  signal?: AbortSignal | undefined;
  /** The longest wait before a broken stream is opened again, in milliseconds. Default 10,000. */
  maxReconnectMs?: number | undefined;
  /** Told the cursor from which a later stream may go on. */
  onCursor?: ((lastEventId: string) => void) | undefined;
  /** Told that the stream broke and is being opened again. */
  onReconnect?: ((error: Error) => void) | undefined;
  /** Told that the stream is open; what happened before it is not part of it, unless `lastEventId` says so. */
  onOpen?: (() => void) | undefined;
}

/** The server sends a comment every 15 s; silence for three times that means that the connection is dead. */
const SILENCE_MS = 45_000;
const REMEMBERED_IDS = 10_000;

/**
 * Yields the events of a stream for as long as the caller wants them (I12).
 *
 * A broken connection is opened again from the last safe cursor; what comes twice then is dropped by its event id, so
 * each event is yielded once and none is missed. Refusals (4xx) are thrown; a server that is away is waited for.
 */
export async function* readEvents(
  transport: Transport,
  path: string,
  options: EventsOptions,
): AsyncGenerator<StreamEvent, void, undefined> {
  const seen = new Set<string>();
  let lastEventId = options.lastEventId;
  let failures = 0;
  while (!isAborted(options.signal)) {
    const parser = new EventStreamParser(lastEventId);
    let broken: Error;
    try {
      const stream = openStream(transport, path, options, lastEventId);
      for await (const event of parseChunks(stream, parser)) {
        if (event === "open") {
          failures = 0;
          options.onOpen?.();
          continue;
        }
        if (event === "read") {
          // A cursor may come alone: the first one of a stream does, so that a break before any event loses nothing.
          lastEventId = cursorOf(parser.lastEventId, lastEventId, options);
          continue;
        }
        lastEventId = cursorOf(event.lastEventId, lastEventId, options);
        const parsed = parseEvent(event);
        if (parsed !== undefined && (!("id" in parsed) || isNew(seen, parsed.id))) yield parsed;
      }
      broken = new HoldpointConnectionError("The server ended the event stream.", {});
    } catch (error) {
      if (isAborted(options.signal)) return;
      if (!isRepeatable(error)) throw error;
      broken = error;
    }
    failures++;
    options.onReconnect?.(broken);
    const wait = backoffMs(failures, {
      firstMs: parser.retryMs ?? 500,
      maxMs: options.maxReconnectMs ?? 10_000,
      random: Math.random,
    });
    if (!(await waited(wait, options.signal))) return;
  }
}

async function* openStream(
  transport: Transport,
  path: string,
  options: EventsOptions,
  lastEventId: string | undefined,
): AsyncGenerator<Uint8Array | "open", void, undefined> {
  const abort = new AbortController();
  const signal =
    options.signal === undefined ? abort.signal : AbortSignal.any([options.signal, abort.signal]);
  const silence = new HoldpointConnectionError(`The event stream was silent for ${SILENCE_MS / 1000} s.`, {});
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(silence), SILENCE_MS);
  };
  try {
    options.signal?.throwIfAborted();
    const query = { runId: options.runId, holdId: options.holdId };
    heard();
    const response = await transport.open(path, {
      query,
      signal,
      ...(lastEventId === undefined || lastEventId === "" ? {} : { lastEventId }),
    });
    yield "open";
    if (response.body === null) return;
    for await (const chunk of response.body) {
      heard();
      yield chunk;
    }
  } catch (error) {
    if (HoldpointError.isInstance(error) || isAborted(options.signal)) throw error;
    throw new HoldpointConnectionError("The event stream broke off.", { cause: error });
  } finally {
    clearTimeout(timer);
    // Whoever leaves the loop early must not leave the connection open behind.
    abort.abort();
  }
}

async function* parseChunks(
  chunks: AsyncIterable<Uint8Array | "open">,
  parser: EventStreamParser,
): AsyncGenerator<ServerSentEvent | "open" | "read", void, undefined> {
  for await (const chunk of chunks) {
    if (chunk === "open") yield chunk;
    else {
      yield* parser.push(chunk);
      yield "read";
    }
  }
}

function cursorOf(found: string, before: string | undefined, options: EventsOptions): string | undefined {
  if (found === "" || found === before) return before;
  options.onCursor?.(found);
  return found;
}

/** An event that is no JSON object is none of ours; one bad event must not end the stream. */
function parseEvent(event: ServerSentEvent): StreamEvent | undefined {
  try {
    const value: unknown = JSON.parse(event.data);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return "type" in value ? (value as StreamEvent) : undefined;
  } catch {
    return undefined;
  }
}

// As a function, because the compiler takes a signal once seen unaborted to stay so.
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

function isRepeatable(error: unknown): error is HoldpointError {
  return HoldpointError.isInstance(error) && error.retryable;
}

async function waited(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await delay(ms, signal);
    return true;
  } catch {
    return false;
  }
}

/** False when the id was there before. Older ones are forgotten, because a cursor never goes back that far. */
function isNew(seen: Set<string>, id: string): boolean {
  if (seen.has(id)) return false;
  seen.add(id);
  if (seen.size > REMEMBERED_IDS) seen.delete(seen.values().next().value as string);
  return true;
}
