import type { CreateRun, Run, RunStatus, RunSummary } from "@holdpoint/protocol";
import type { StreamEvent, EventsOptions } from "./events.ts";
import { readEvents } from "./events.ts";
import type { CallOptions } from "./holds.ts";
import { getPage, listAll, type Page, type PageOptions } from "./page.ts";
import { readJson, type Transport } from "./transport.ts";

export interface ListRunsOptions {
  status?: RunStatus | undefined;
  agentId?: string | undefined;
  sessionId?: string | undefined;
  endUserId?: string | undefined;
  /** Size of a page, 1 to 200. */
  limit?: number | undefined;
}

const ENDINGS: ReadonlySet<string> = new Set(["run.completed", "run.failed", "run.cancelled", "run.killed"]);

/** Runs of the server's agents. */
export class Runs {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Starts one; it goes on whether or not anybody listens. Throws `not_found` for an unknown agent. */
  start(agentId: string, run: CreateRun, options: CallOptions = {}): Promise<RunSummary> {
    const path = `/v1/agents/${encodeURIComponent(agentId)}/runs`;
    return this.#transport.send("POST", path, { ...options, body: run }, readJson) as Promise<RunSummary>;
  }

  /** A run with its messages, tool calls, holds and steps. Throws `not_found`. */
  get(id: string, options: { signal?: AbortSignal | undefined } = {}): Promise<Run> {
    return this.#transport.send(
      "GET",
      `/v1/runs/${encodeURIComponent(id)}`,
      options,
      readJson,
    ) as Promise<Run>;
  }

  list(
    options: ListRunsOptions = {},
    { signal }: { signal?: AbortSignal } = {},
  ): AsyncGenerator<RunSummary, void, undefined> {
    return listAll<RunSummary>(this.#transport, "/v1/runs", { ...options }, signal);
  }

  /** One page of {@link list}, for screens that fetch as they scroll. */
  page(options: ListRunsOptions = {}, page: PageOptions = {}): Promise<Page<RunSummary>> {
    return getPage<RunSummary>(this.#transport, "/v1/runs", { ...options }, page);
  }

  /**
   * The events of a run from its start (or from `lastEventId`), live, until the run has ended. Leaving the loop ends
   * the listening, never the run.
   */
  async *events(
    id: string,
    options: Omit<EventsOptions, "runId" | "holdId"> = {},
  ): AsyncGenerator<StreamEvent, void, undefined> {
    const path = `/v1/runs/${encodeURIComponent(id)}/events`;
    for await (const event of readEvents(this.#transport, path, options)) {
      yield event;
      if (ENDINGS.has(event.type)) return;
    }
  }
}
