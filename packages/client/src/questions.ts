import type { AuthorizeAnswer, JsonValue, OpenedLink, OwnQuestion, QuestionEvent } from "@holdpoint/protocol";
import { readEvents, type EventsOptions } from "./events.ts";
import type { CallOptions } from "./holds.ts";
import { getPage, listAll, type Page, type PageOptions } from "./page.ts";
import { Transport, type HoldpointOptions } from "./transport.ts";

export interface HoldpointQuestionsOptions extends Pick<
  HoldpointOptions,
  "url" | "fetch" | "timeoutMs" | "maxRetries"
> {
  /**
   * `hpu_…` from the app's backend, or what fetches one: it is asked for again when the one at hand is refused. Absent on
   * Holdpoint's own page, where the device's cookie says who it is.
   */
  token?: string | (() => string | Promise<string>) | undefined;
}

/** Which questions {@link HoldpointQuestions.list} gives. */
export interface ListQuestionsOptions extends PageOptions {
  status?: "open" | "decided" | undefined;
  /** Size of a page, 1 to 100. */
  limit?: number | undefined;
}

export type QuestionEventsOptions = Omit<EventsOptions, "runId" | "holdId">;

/** Ends a subscription. Repeating it does nothing. */
export type Unsubscribe = () => void;

/**
 * An end user's own questions, in their browser: nothing else answers to what they have.
 *
 * Every method throws `HoldpointApiError`: `unauthorized` when token or device count no more, `invalid_answer` with
 * `errors` (the question stays), `already_decided`, `expired`, `not_found` for what is another's.
 *
 * ```ts
 * const questions = new HoldpointQuestions({ url: "https://holdpoint.example.com", token });
 * const stop = questions.subscribe((event) => render(event.data));
 * await questions.answer(question.id, "work@example.com");
 * ```
 */
export class HoldpointQuestions {
  readonly #transport: Transport;

  /** Sends nothing yet. Throws `TypeError` for an address that is none. */
  constructor({ token, ...options }: HoldpointQuestionsOptions) {
    this.#transport = new Transport({
      ...options,
      ...(typeof token === "string" && { apiKey: token }),
      ...(typeof token === "function" && { fetch: withToken(token, options.fetch) }),
    });
  }

  /** A page: open ones first, then those decided within 30 days, each newest first. */
  page({ status, limit, ...page }: ListQuestionsOptions = {}): Promise<Page<OwnQuestion>> {
    return getPage<OwnQuestion>(this.#transport, "/v1/questions", { status, limit }, page);
  }

  /** All of them, page after page. */
  list({ status, limit, signal }: Omit<ListQuestionsOptions, "cursor"> = {}): AsyncGenerator<
    OwnQuestion,
    void,
    undefined
  > {
    return listAll<OwnQuestion>(this.#transport, "/v1/questions", { status, limit }, signal);
  }

  get(id: string): Promise<OwnQuestion> {
    return this.#send("GET", path(id), {});
  }

  /** Answers it, for good. What does not fit is refused with `errors`, and the question stays. */
  answer(id: string, answer: JsonValue, options: CallOptions = {}): Promise<OwnQuestion> {
    return this.#send("POST", `${path(id)}/answer`, { ...options, body: { answer } });
  }

  /** Says no, for good; the agent is told. */
  decline(id: string, comment?: string, options: CallOptions = {}): Promise<OwnQuestion> {
    return this.#send("POST", `${path(id)}/decline`, { ...options, body: { comment } });
  }

  /** Where this browser goes to sign in at the provider. Single use, ten minutes: ask for it when the button is pressed. */
  authorize(id: string, options: CallOptions = {}): Promise<AuthorizeAnswer> {
    return this.#send("POST", `${path(id)}/authorize`, { ...options, body: {} });
  }

  /** What happens to their questions, live; reconnects, loses nothing and gives each event once. */
  events(options: QuestionEventsOptions = {}): AsyncGenerator<QuestionEvent, void, undefined> {
    return readEvents(this.#transport, "/v1/questions/events", options) as AsyncGenerator<
      unknown,
      void,
      undefined
    > as AsyncGenerator<QuestionEvent, void, undefined>;
  }

  /** {@link events} for callers that render: calls `listener` until the returned function is called. */
  subscribe(
    listener: (event: QuestionEvent) => void,
    { onError, ...options }: QuestionEventsOptions & { onError?: (error: unknown) => void } = {},
  ): Unsubscribe {
    const stop = new AbortController();
    const signal =
      options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
    void (async () => {
      try {
        for await (const event of this.events({ ...options, signal })) {
          if (!signal.aborted) listener(event);
        }
      } catch (error) {
        if (!signal.aborted) onError?.(error);
      }
    })();
    return () => stop.abort();
  }

  /** What a link to the hosted page is to this device. Changes nothing. Throws `not_found`. */
  findLink(link: string): Promise<OpenedLink> {
    return this.#send("GET", `/v1/questions/open/${encodeURIComponent(link)}`, {});
  }

  /**
   * Brings the code of a link: the first device that does is the one it works on, and gets its cookie. Throws `wrong_code`
   * with `attemptsLeft`, `link_taken` on another device, `link_ended`.
   */
  openLink(link: string, code: string): Promise<OpenedLink> {
    return this.#send("POST", `/v1/questions/open/${encodeURIComponent(link)}`, { body: { code } });
  }

  #send<Result>(method: string, at: string, options: Parameters<Transport["send"]>[2]): Promise<Result> {
    return this.#transport.json<Result>(method, at, options);
  }
}

function path(id: string): string {
  return `/v1/questions/${encodeURIComponent(id)}`;
}

/** Tokens live for minutes and pages for hours: a refused one is fetched anew, once a request. */
function withToken(
  token: () => string | Promise<string>,
  send: typeof fetch = (...parameters) => globalThis.fetch(...parameters),
): typeof fetch {
  let current: Promise<string> | undefined;
  const ask = async () => token();
  const attempt = async (input: Parameters<typeof fetch>[0], init: RequestInit | undefined) => {
    current ??= ask();
    const used = current;
    try {
      const headers = new Headers(init?.headers);
      headers.set("authorization", `Bearer ${await used}`);
      return { used, response: await send(input, { ...init, headers }) };
    } catch (error) {
      if (current === used) current = undefined;
      throw error;
    }
  };
  return async (input, init) => {
    const first = await attempt(input, init);
    if (first.response.status !== 401) return first.response;
    if (current === first.used) current = undefined;
    return (await attempt(input, init)).response;
  };
}
