// The service's HTTP door with nothing of ours between: requests by fetch, answers as they came.
import type { DecisionInput, Hold, HoldpointEvent, Problem, Run } from "@holdpoint/protocol";
import { randomUUID } from "node:crypto";

export interface RequestOptions {
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Answer<Body> {
  status: number;
  headers: Headers;
  body: Body;
}

export interface StreamedEvent {
  cursor: string;
  event: HoldpointEvent;
}

/** What the service refuses with. */
export class RefusedError extends Error {
  override name = "RefusedError";
  readonly answer: Answer<Problem>;

  constructor(request: string, answer: Answer<Problem>) {
    super(`${request} was refused with ${answer.status}: ${JSON.stringify(answer.body)}`);
    this.answer = answer;
  }
}

const WAIT_SECONDS = 20;

/** One person or machine at one service. */
export class HttpDoor {
  readonly url: string;
  readonly #key: string | undefined;

  constructor(url: string, key: string | undefined) {
    this.url = url;
    this.#key = key;
  }

  /** Any answer, whatever its status. */
  async request<Body = unknown>(
    method: string,
    path: string,
    options: RequestOptions = {},
  ): Promise<Answer<Body>> {
    const { body, headers, signal } = options;
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(this.#key === undefined ? {} : { authorization: `Bearer ${this.#key}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : text) as Body,
    };
  }

  /** The body of a 2xx answer; throws RefusedError for any other. */
  async ask<Body>(method: string, path: string, options: RequestOptions = {}): Promise<Body> {
    const answer = await this.request<Body>(method, path, options);
    if (answer.status >= 300)
      throw new RefusedError(`${method} ${path}`, answer as unknown as Answer<Problem>);
    return answer.body;
  }

  /** Starts a run. The key is what makes a repetition of this very request the same run. */
  startRun(agentId: string, input: string, idempotencyKey = randomUUID()): Promise<Run> {
    return this.ask("POST", `/v1/agents/${agentId}/runs`, {
      body: { input },
      headers: { "idempotency-key": idempotencyKey },
    });
  }

  getRun(runId: string): Promise<Run> {
    return this.ask("GET", `/v1/runs/${runId}`);
  }

  /** The run once it has ended or waits for a person: one long poll. */
  async settled(runId: string): Promise<Run> {
    const run = await this.ask<Run>("GET", `/v1/runs/${runId}/wait?timeoutSeconds=${WAIT_SECONDS}`);
    if (run.endedAt !== null || pendingHolds(run).length > 0) return run;
    throw new Error(`It stands still: ${JSON.stringify(run, null, 1)}`);
  }

  /** Asks the agent, and comes back when it has answered or waits for a person. */
  async tellAgent(agentId: string, input: string): Promise<Run> {
    return this.settled((await this.startRun(agentId, input)).id);
  }

  decide(hold: Hold, decision: DecisionInput, idempotencyKey = randomUUID()): Promise<Hold> {
    return this.ask("POST", `/v1/holds/${hold.id}/decisions`, {
      body: decision,
      headers: { "idempotency-key": idempotencyKey },
    });
  }

  approve(hold: Hold): Promise<Hold> {
    return this.decide(hold, { verdict: "approve", ...shown(hold) });
  }

  /** The events of a stream as they come, with the cursor to resume from. Ends with the stream. */
  async *follow(
    path: string,
    options: { lastEventId?: string | undefined; signal?: AbortSignal } = {},
  ): AsyncGenerator<StreamedEvent> {
    const response = await fetch(`${this.url}${path}`, {
      headers: {
        authorization: `Bearer ${this.#key}`,
        ...(options.lastEventId === undefined ? {} : { "last-event-id": options.lastEventId }),
      },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    if (!response.ok || response.body === null) throw new Error(`${path}: ${response.status}`);
    let rest = "";
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = `${rest}${text}`.split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const fields = new Map(block.split("\n").map((line) => splitAt(line, ": ")));
        const [data, cursor] = [fields.get("data"), fields.get("id")];
        // Text while the model speaks has no cursor: it is not part of the log.
        if (data !== undefined && cursor !== undefined)
          yield { cursor, event: JSON.parse(data) as HoldpointEvent };
      }
    }
  }

  async audit(runId: string): Promise<HoldpointEvent[]> {
    const { data } = await this.ask<{ data: { event: HoldpointEvent }[] }>("GET", `/v1/audit?runId=${runId}`);
    return data.map(({ event }) => event);
  }
}

function splitAt(line: string, separator: string): [string, string] {
  const at = line.indexOf(separator);
  return at === -1 ? [line, ""] : [line.slice(0, at), line.slice(at + separator.length)];
}

/** What a decision is bound to: the hash of the action that the reviewer saw. */
export function shown(hold: Hold): { actionHash: string } {
  if (hold.action === null) throw new Error(`${hold.id} shows no action.`);
  return { actionHash: hold.action.hash };
}

export function pendingHolds(run: Run): Hold[] {
  return run.holds.filter(({ status }) => status === "pending");
}

/** The one hold that the run waits for. */
export function onlyHold(run: Run): Hold {
  const [hold, ...others] = pendingHolds(run);
  if (hold === undefined || others.length > 0)
    throw new Error(`Not one pending hold: ${JSON.stringify(run.holds, null, 1)}`);
  return hold;
}
