import type { Problem } from "@holdpoint/protocol";
import { HoldpointApiError, HoldpointConnectionError, readProblem } from "./api-error.ts";
import { backoffMs, delay, retryAfterMs } from "./backoff.ts";

export interface HoldpointOptions {
  /** Where the server is, for example `http://localhost:7777`. A path prefix is kept. */
  url: string;
  /**
   * An agent key (asks) or an operator key (decides as its member). Absent: the session of the browser that is signed in
   * at `url`, for pages of that same origin.
   */
  apiKey?: string | undefined;
  /** Default the global `fetch`. */
  fetch?: typeof fetch;
  /** How long one attempt may take, in milliseconds. Default 30,000. Long polls get their own time on top. */
  timeoutMs?: number;
  /** How often a failed attempt is repeated. Default 4. */
  maxRetries?: number;
  /** What decisions are recorded to have come by. Default `api`. */
  via?: "cli";
}

export interface RequestOptions {
  /** Sent as JSON. */
  body?: unknown;
  /** Members that are undefined are left out. */
  query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Default for POST: a new one, the same in every repetition. */
  idempotencyKey?: string;
  signal?: AbortSignal | undefined;
  /** How long one attempt may take, in milliseconds. */
  timeoutMs?: number;
  /** How often a failed attempt is repeated. */
  maxRetries?: number;
  headers?: Readonly<Record<string, string | undefined>>;
}

const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 8_000;
const MAX_RETRY_AFTER_MS = 60_000;

/** Sends requests, one attempt or several. Knows no route. */
export class Transport {
  readonly #base: URL;
  readonly #options: HoldpointOptions;
  readonly #fetch: typeof fetch;

  constructor(options: HoldpointOptions) {
    if (!URL.canParse(options.url) || !/^https?:$/.test(new URL(options.url).protocol)) {
      throw new TypeError(`url must be an http or https address, not ${JSON.stringify(options.url)}.`);
    }
    this.#base = new URL(options.url.replace(/\/*$/, "/"));
    this.#options = options;
    // Called without a receiver: browsers refuse `fetch` as a method of another object.
    const given = options.fetch ?? globalThis.fetch;
    this.#fetch = (...parameters) => given(...parameters);
  }

  /**
   * Sends a request and gives what `read` makes of a successful response.
   *
   * Network errors, 5xx, 429 and "still running" are repeated with jitter; a POST carries the same Idempotency-Key in
   * each attempt, so a repetition finds what the lost answer was about instead of doing it twice. Throws
   * {@link HoldpointApiError}, {@link HoldpointConnectionError}, or the reason of `signal`.
   */
  async send<Result>(
    method: string,
    path: string,
    options: RequestOptions,
    read: (response: Response) => Promise<Result>,
  ): Promise<Result> {
    const idempotencyKey =
      options.idempotencyKey ?? (method === "POST" ? globalThis.crypto.randomUUID() : undefined);
    const request = this.#prepare(method, path, options, idempotencyKey);
    const maxRetries = options.maxRetries ?? this.#options.maxRetries ?? 4;
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await this.#attempt(request, options);
        return await this.#reading(() => read(response));
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!(error instanceof RepeatableFailure)) throw error;
        if (attempt > maxRetries) throw error.failure;
        await delay(error.delayMs ?? this.#backoffMs(attempt), options.signal);
      }
    }
  }

  /** Sends a request and gives the JSON of a successful response; `Result` is what the caller expects, nothing checks it. */
  json<Result>(method: string, path: string, options: RequestOptions = {}): Promise<Result> {
    return this.send(method, path, options, readJson) as Promise<Result>;
  }

  /** Opens a stream, of events unless said otherwise: one attempt, with no limit of time once it is open. */
  async open(
    path: string,
    options: RequestOptions & { lastEventId?: string; accept?: string; method?: string },
  ): Promise<Response> {
    const request = this.#prepare(options.method ?? "GET", path, options, options.idempotencyKey);
    request.headers.set("accept", options.accept ?? "text/event-stream");
    if (options.lastEventId !== undefined) request.headers.set("last-event-id", options.lastEventId);
    try {
      return await this.#attempt(request, { ...options, timeoutMs: Number.POSITIVE_INFINITY });
    } catch (error) {
      options.signal?.throwIfAborted();
      throw error instanceof RepeatableFailure ? error.failure : error;
    }
  }

  #prepare(
    method: string,
    path: string,
    options: RequestOptions,
    idempotencyKey: string | undefined,
  ): PreparedRequest {
    const url = new URL(path.replace(/^\//, ""), this.#base);
    for (const [name, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const { apiKey, via } = this.#options;
    const headers = new Headers({ accept: "application/json" });
    const set = {
      authorization: apiKey && `Bearer ${apiKey}`,
      "content-type": options.body === undefined ? undefined : "application/json",
      "idempotency-key": idempotencyKey,
      "x-holdpoint-via": via,
      ...options.headers,
    };
    for (const [name, value] of Object.entries(set)) if (value !== undefined) headers.set(name, value);
    return {
      url,
      method,
      headers,
      // Of undefined there is none.
      body: JSON.stringify(options.body),
    };
  }

  async #attempt(request: PreparedRequest, options: RequestOptions): Promise<Response> {
    const timeoutMs = options.timeoutMs ?? this.#options.timeoutMs ?? 30_000;
    const signals = options.signal === undefined ? [] : [options.signal];
    if (Number.isFinite(timeoutMs)) signals.push(AbortSignal.timeout(timeoutMs));
    let response: Response;
    try {
      response = await this.#fetch(request.url, {
        method: request.method,
        headers: request.headers,
        body: request.body ?? null,
        // Never followed: another address must not be handed the key.
        redirect: "manual",
        signal: AbortSignal.any(signals),
      });
    } catch (error) {
      throw this.#connectionFailure("Cannot reach", error);
    }
    if (response.ok) return response;
    const problem = await readProblem(response);
    const isRepeatable = response.status >= 500 || response.status === 429 || problem.code === "in_progress";
    const failure = new HoldpointApiError(problem, { retryable: isRepeatable });
    if (!isRepeatable) throw failure;
    const wait = retryAfterMs(response.headers.get("retry-after"), Date.now());
    if (wait !== undefined && wait > MAX_RETRY_AFTER_MS) throw failure;
    throw new RepeatableFailure(failure, wait);
  }

  /** The network may also fail in the middle of an answer. */
  async #reading<Result>(read: () => Promise<Result>): Promise<Result> {
    try {
      return await read();
    } catch (error) {
      if (HoldpointApiError.isInstance(error)) throw error;
      throw this.#connectionFailure("Lost the connection to", error);
    }
  }

  #connectionFailure(what: string, error: unknown): RepeatableFailure {
    return new RepeatableFailure(
      new HoldpointConnectionError(`${what} ${this.#base.origin}: ${causeOf(error)}.`, { cause: error }),
    );
  }

  #backoffMs(attempt: number): number {
    return backoffMs(attempt, { firstMs: FIRST_DELAY_MS, maxMs: MAX_DELAY_MS, random: Math.random });
  }
}

/** Reads the JSON of a successful response. Throws {@link HoldpointApiError} where a proxy answered with its own page. */
async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new HoldpointApiError(
      {
        title: "Not a Holdpoint server",
        status: response.status,
        code: "invalid_json",
        detail: `${response.url} answered with something that is not JSON. Is that the address of a Holdpoint server?`,
      } as Problem,
      { retryable: false, cause: error },
    );
  }
}

interface PreparedRequest {
  url: URL;
  method: string;
  headers: Headers;
  body: string | undefined;
}

/** Not seen outside: an attempt failed in a way that another may not. */
class RepeatableFailure extends Error {
  readonly failure: HoldpointApiError | HoldpointConnectionError;
  readonly delayMs: number | undefined;

  constructor(failure: HoldpointApiError | HoldpointConnectionError, delayMs?: number) {
    super(failure.message);
    this.failure = failure;
    this.delayMs = delayMs;
  }
}

/** The innermost reason: `fetch failed` alone tells nobody anything. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "it did not answer in time";
  if (error.cause instanceof AggregateError && error.cause.errors[0] instanceof Error) {
    return causeOf(error.cause.errors[0]);
  }
  if (error.cause instanceof Error) return causeOf(error.cause);
  return error.message.replace(/\.$/, "");
}
