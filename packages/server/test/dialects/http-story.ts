// Plays a story of raw HTTP against the service, as a protocol's clients would send it. A story is a readable .http file:
//
//   ### A title, of what happens
//   POST /agents/data-manager/runs
//   Authorization: Bearer {{operatorKey}}
//   Content-Type: application/x-www-form-urlencoded
//
//   message=Delete the five oldest users
//   &stream=false
//
//   HTTP/1.1 200
//   content-type: application/json{{any}}
//
//   { "run_id": "{{capture:run}}", "status": "PAUSED", "{{...}}": "and more" }
//
// - `{{any}}` is any value that is there, `{{capture:name}}` any value and from then on `{{name}}`; each may also stand inside
//   a text. Members that are not written are a mistake, except beside `"{{...}}": …`; in a list `"{{...}}"` is any number.
// - The headers of an answer that are written must be there; no body written means that there is none, `{{any}}` alone that
//   it is not looked at.
// - Urlencoded fields are written as they mean, one to a line after `&`, and encoded here. The lines of a multipart body are
//   sent with CRLF.
// - An event stream is written as its events, in order: `event: Name` where it has one, `data: {…}` over as many lines as it
//   likes, a blank line between. `{{many}}` on the line before: one or more of it. `{{...}}` alone: any number of any.
//   Comments (heartbeats) are passed over. The stream has to end there, unless the last is `{{open:name}}`: then it stays
//   open over the blocks that follow, and `STREAM name` in place of a request says what comes on it next.
// - `# @until` under a title: a GET that is repeated, as a polling client does, until its answer fits.
// - `DO name` in place of a request: what no request can do, from the test (`actions`).
// - A file of requests alone (`isRequestsOnly`), as editors send them: any 2xx will do; after `# @name start`,
//   `{{start.response.body.$.run_id}}` is of its answer; `@name = value` before the first block gives what the test does not.
// - Lines that start with `#` or `//` are comments.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fillIn, misfits, type Variables } from "./http-pattern.ts";
import {
  parseExpectedEvents,
  parseStory,
  parseVariables,
  type StoryAnswer,
  type StoryBlock,
  type StoryEvent,
  type StoryRequest,
} from "./http-story-file.ts";

export interface StoryOptions {
  /** One request, answered: `service.app.fetch`, or `fetch` itself for a service with a port. */
  readonly send: (request: Request) => Promise<Response> | Response;
  /** Where paths of the story begin. */
  readonly baseUrl?: string;
  /** What the story knows by name when it starts, such as keys. */
  readonly variables?: Variables;
  /** Each request is a block without the answer. */
  readonly isRequestsOnly?: boolean;
  /** What `DO name` does. It may read and add to what the story knows. */
  readonly actions?: Record<string, (variables: Variables) => Promise<void> | void>;
}

interface ReceivedEvent {
  event: string | undefined;
  data: string;
}

type Events = AsyncGenerator<ReceivedEvent, void, undefined>;

interface Telling extends StoryOptions {
  readonly known: Variables;
  readonly open: Map<string, Events>;
}

/** How long `# @until` and the next event of a stream are waited for: a bound for what never comes, no timing. */
const PATIENCE_MS = 30_000;

/** Plays the story; returns what it knows at its end. Throws with file, line and title of what does not fit. */
export async function playStory(path: string, options: StoryOptions): Promise<Variables> {
  const text = readFileSync(path, "utf8");
  const known = { ...parseVariables(text), ...options.variables };
  const telling: Telling = { ...options, known, open: new Map() };
  try {
    for (const block of parseStory(text, options.isRequestsOnly)) {
      await playBlock(telling, block).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        throw new Error(`${basename(path)}:${block.line} "${block.title}"\n${why}`, { cause: error });
      });
    }
    return telling.known;
  } finally {
    for (const stream of telling.open.values()) await stream.return();
  }
}

async function playBlock(telling: Telling, { step }: StoryBlock): Promise<void> {
  switch (step.kind) {
    case "action": {
      const action = telling.actions?.[step.name];
      if (action === undefined) throw new Error(`The test gives no action "${step.name}".`);
      await action(telling.known);
      return;
    }
    case "stream": {
      const stream = telling.open.get(step.name);
      if (stream === undefined) throw new Error(`No stream "${step.name}" is open.`);
      telling.open.delete(step.name);
      return readEvents(telling, stream, step.events);
    }
    case "request": {
      const deadline = performance.now() + PATIENCE_MS;
      for (;;) {
        const response = await telling.send(toRequest(telling, step.request));
        const known = { ...telling.known };
        try {
          if (step.answer === undefined) await takeAnswer(telling, response, step.name);
          else await readAnswer(telling, response, step.answer);
          return;
        } catch (error) {
          if (!step.until || performance.now() > deadline) throw error;
          Object.assign(telling.known, known);
          await wait(25);
        }
      }
    }
  }
}

function toRequest({ known, baseUrl = "http://localhost:7777" }: Telling, request: StoryRequest): Request {
  const headers = new Headers(request.headers.map(([name, value]) => [name, fillIn(value, known)] as const));
  const body = bodyOf(fillIn(request.body, known), headers.get("content-type") ?? "");
  const url = new URL(fillIn(request.url, known), baseUrl);
  // A client on the network sends it; a Request that never meets a network has none.
  headers.set("host", url.host);
  return new Request(url, { method: request.method, headers, ...(body === "" ? {} : { body }) });
}

function bodyOf(text: string, type: string): string {
  if (type.startsWith("multipart/")) return text === "" ? "" : `${text.replaceAll("\n", "\r\n")}\r\n`;
  if (!type.startsWith("application/x-www-form-urlencoded") || text === "") return text;
  return text
    .split(/\n&/)
    .map((field) => {
      const equals = field.indexOf("=");
      if (equals < 1) throw new Error(`"${field}" is no field of a form.`);
      return `${encodeURIComponent(field.slice(0, equals))}=${encodeURIComponent(field.slice(equals + 1))}`;
    })
    .join("&");
}

async function readAnswer(telling: Telling, response: Response, answer: StoryAnswer): Promise<void> {
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  const wrong =
    response.status === answer.status ? [] : [`the status is ${response.status}, not ${answer.status}`];
  for (const [name, value] of answer.headers) {
    wrong.push(...misfits(value, response.headers.get(name) ?? undefined, telling.known, `header ${name}`));
  }
  if (isStream && wrong.length === 0) {
    return readEvents(telling, eventsOf(response), parseExpectedEvents(answer.body));
  }
  const text = await response.text();
  if (wrong.length === 0) wrong.push(...misfitsOfBody(answer.body, text, telling.known));
  if (wrong.length > 0) throw new Error(`${wrong.join("\n")}\nThe answer was ${response.status}:\n${text}`);
}

async function takeAnswer({ known }: Telling, response: Response, name: string | undefined): Promise<void> {
  const text = await response.text();
  if (!response.ok) throw new Error(`The answer was ${response.status}:\n${text}`);
  if (name !== undefined) known[name] = { response: { body: { $: toJson(text) } } };
}

function misfitsOfBody(pattern: string, text: string, known: Variables): string[] {
  if (pattern === "{{any}}") return [];
  if (pattern === "") return text === "" ? [] : ["there is a body"];
  return misfits(toJson(pattern), toJson(text), known);
}

/** JSON where it is; else the text itself. */
function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function readEvents(telling: Telling, stream: Events, expected: readonly StoryEvent[]): Promise<void> {
  const seen: string[] = [];
  let coming = await nextEvent(stream, seen);
  // What an event captures that is passed over, or does not fit, is not known.
  const fits = (event: Extract<StoryEvent, { kind: "event" }>): string[] => {
    if (coming === undefined) return ["the stream has ended"];
    const known = { ...telling.known };
    const wrong = misfits(toJson(event.data), toJson(coming.data), known);
    if (coming.event !== event.event) wrong.unshift(`the event is ${coming.event}, not ${event.event}`);
    if (wrong.length === 0) Object.assign(telling.known, known);
    return wrong;
  };
  for (const [index, event] of expected.entries()) {
    if (event.kind === "open") {
      // Nothing may be read ahead of what is expected: an open stream is left at what has been told of it.
      throw new Error("{{open:…}} has to be the last, after an event.");
    }
    const next = expected[index + 1];
    const opens = next?.kind === "open" ? next.name : undefined;
    if (event.kind === "more") {
      if (next?.kind !== "event") {
        while (coming !== undefined) coming = await nextEvent(stream, seen);
        continue;
      }
      while (coming !== undefined && fits(next).length > 0) coming = await nextEvent(stream, seen);
      continue;
    }
    const wrong = fits(event);
    if (wrong.length > 0) throw new Error(`${wrong.join("\n")}\nThe stream had:\n${seen.join("\n")}`);
    if (opens !== undefined) {
      telling.open.set(opens, stream);
      return;
    }
    coming = await nextEvent(stream, seen);
    while (event.many && coming !== undefined && fits(event).length === 0)
      coming = await nextEvent(stream, seen);
  }
  if (coming !== undefined) throw new Error(`More came than the story has:\n${seen.join("\n")}`);
}

/** undefined at the end of the stream. */
async function nextEvent(stream: Events, seen: string[]): Promise<ReceivedEvent | undefined> {
  const given = new AbortController();
  const impatience = wait(PATIENCE_MS, undefined, { signal: given.signal, ref: false }).then(
    () => {
      throw new Error(`Nothing more came on the stream, and it did not end. It had:\n${seen.join("\n")}`);
    },
    () => undefined,
  );
  const next = await Promise.race([stream.next(), impatience]);
  given.abort();
  if (next === undefined || next.done === true) return undefined;
  seen.push(`${next.value.event === undefined ? "" : `event: ${next.value.event} `}data: ${next.value.data}`);
  return next.value;
}

async function* eventsOf(response: Response): Events {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end === -1) break;
      const event = parseEvent(text.slice(0, end));
      text = text.slice(end + 2);
      if (event !== undefined) yield event;
    }
  }
  if (text !== "") throw new Error(`The stream ended inside an event: ${text}`);
}

/** undefined for what only keeps the line open. */
function parseEvent(text: string): ReceivedEvent | undefined {
  const lines = text.split("\n");
  const data = lines
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).replace(/^ /, ""));
  const event = lines
    .find((line) => line.startsWith("event:"))
    ?.slice(6)
    .trim();
  return data.length === 0 ? undefined : { event, data: data.join("\n") };
}
