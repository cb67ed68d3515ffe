import type {
  CreateRun,
  ForkRun,
  GiveResult,
  JsonObject,
  Ordered,
  RegisterRun,
  Run,
  RunControlled,
  RunNote,
  RunStatus,
  RunSummary,
  ToolCall,
} from "@holdpoint/protocol";
import type { ClarificationOptions } from "./clarifications/handler.ts";
import type { StreamEvent, EventsOptions } from "./events.ts";
import { readEvents } from "./events.ts";
import type { CallOptions, WaitOptions } from "./holds.ts";
import { ExternalRun } from "./external-run.ts";
import { order, type OrderOptions } from "./orders.ts";
import { getPage, listAll, type Page, type PageOptions } from "./page.ts";
import { RunWait } from "./run-wait.ts";
import type { Transport } from "./transport.ts";

export interface ListRunsOptions {
  status?: RunStatus | undefined;
  agentId?: string | undefined;
  sessionId?: string | undefined;
  endUserId?: string | undefined;
  /** Size of a page, 1 to 200. */
  limit?: number | undefined;
}

export interface WaitForRunOptions extends WaitOptions {
  /** Who presents the run's questions, instead of what the client was made with. */
  clarifications?: ClarificationOptions | undefined;
}

export interface ControlOptions extends CallOptions {
  /** Kept in the log with who did it. */
  reason?: string | undefined;
}

const ENDINGS: ReadonlySet<string> = new Set(["run.completed", "run.failed", "run.cancelled", "run.killed"]);

/** Runs of the server's agents. */
export class Runs {
  readonly #transport: Transport;
  readonly #clarifications: ClarificationOptions | undefined;

  constructor(transport: Transport, clarifications?: ClarificationOptions) {
    this.#transport = transport;
    this.#clarifications = clarifications;
  }

  /** Starts one; it goes on whether or not anybody listens. Throws `not_found` for an unknown agent. */
  start(agentId: string, run: CreateRun, options: CallOptions = {}): Promise<RunSummary> {
    const path = `/v1/agents/${encodeURIComponent(agentId)}/runs`;
    return this.#transport.json<RunSummary>("POST", path, { ...options, body: run });
  }

  /**
   * Waits until the run has ended, or holds for people whom nobody here asks: then it is returned as it is, `holding`,
   * with its pending `holds`. Also returned as it is once `timeoutSeconds` are over. However it ended, it throws nothing.
   *
   * Its questions go to the clarification handler, each once, also several at a time and after a reconnect; one that is
   * answered elsewhere is taken from the handler by the signal. Throws `ClarificationError` when the handler fails and no
   * `onError` is set, and the reason of `signal`; the run goes on in either case.
   */
  async wait(id: string, options: WaitForRunOptions = {}): Promise<Run> {
    const clarifications = options.clarifications ?? this.#clarifications ?? {};
    const wait = new RunWait(this.#transport, clarifications, {
      read: (signal) => this.get(id, { signal }),
      events: (signal) => this.events(id, { signal }),
    });
    return wait.untilAtRest(options);
  }

  /** Starts one and waits for it; see {@link start} and {@link wait}. Its `signal` ends the waiting, never the run. */
  async startAndWait(
    agentId: string,
    run: CreateRun,
    options: CallOptions & WaitForRunOptions = {},
  ): Promise<Run> {
    return this.wait((await this.start(agentId, run, options)).id, options);
  }

  /** A run with its messages, tool calls, holds and steps. Throws `not_found`. */
  get(id: string, options: { signal?: AbortSignal | undefined } = {}): Promise<Run> {
    return this.#transport.json<Run>("GET", `/v1/runs/${encodeURIComponent(id)}`, options);
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

  /** Stops it at its next interrupt point: before a step, or between two calls. `pauseRequested` until then. */
  pause(id: string, options: ControlOptions = {}): Promise<RunControlled> {
    return this.#control(id, "pause", options);
  }

  /** Lets a paused run go on, or takes a pause back that has not taken effect. Throws `conflict` where there is none. */
  resume(id: string, options: ControlOptions = {}): Promise<RunControlled> {
    return this.#control(id, "resume", options);
  }

  /** Ends it, with a report of its calls: its holds are closed, what is in flight is told to stop. Throws `run_ended`. */
  cancel(id: string, options: ControlOptions = {}): Promise<RunControlled> {
    return this.#control(id, "cancel", options);
  }

  /** The last resort, for a person: ends it and waits for nothing. What is in flight is unknown. */
  kill(id: string, reason: string, options: CallOptions = {}): Promise<RunControlled> {
    return this.#control(id, "kill", { ...options, reason });
  }

  /**
   * A word for the agent: its model hears it before it is asked the next time, and a run that would end goes on for one more
   * step. Throws `run_ended`.
   */
  tell(id: string, text: string, options: CallOptions = {}): Promise<RunNote> {
    return this.#steer(id, "messages", { text }, options);
  }

  /**
   * Takes a tool call over: what you give is its result (or `error`), and nothing executes it any more; its open holds are
   * closed. Also settles a call whose outcome nobody knew. Throws `conflict` while it is executing, and once it has ended.
   */
  giveResult(id: string, callId: string, given: GiveResult, options: CallOptions = {}): Promise<ToolCall> {
    return this.#steer(id, `calls/${encodeURIComponent(callId)}/result`, given, options);
  }

  /** Withdraws a tool call that was not executed; the model is told why. Throws `conflict`. */
  withdraw(id: string, callId: string, reason: string, options: CallOptions = {}): Promise<ToolCall> {
    return this.#steer(id, `calls/${encodeURIComponent(callId)}/withdraw`, { reason }, options);
  }

  /** Other arguments for a call that waits for a decision: it is asked about anew. Throws `invalid_arguments`, `conflict`. */
  amend(
    id: string,
    callId: string,
    amended: { arguments: JsonObject; reason: string },
    options: CallOptions = {},
  ): Promise<ToolCall> {
    return this.#steer(id, `calls/${encodeURIComponent(callId)}/amend`, amended, options);
  }

  /**
   * Runs again from a step of a run that has ended, as a new run. What was executed then or later is not executed again where
   * the same is proposed: its result is taken over. Throws `conflict` while somebody has to settle a call first.
   */
  fork(id: string, from: ForkRun, options: CallOptions = {}): Promise<RunSummary> {
    return this.#steer(id, "fork", from, options);
  }

  #steer<Result>(id: string, path: string, body: object, options: CallOptions): Promise<Result> {
    const url = `/v1/runs/${encodeURIComponent(id)}/${path}`;
    return this.#transport.json<Result>("POST", url, { ...options, body });
  }

  /** Pauses every run of the organisation, also those that are made later. For operators. */
  pauseAll(options?: OrderOptions): Promise<Ordered> {
    return order(this.#transport, "/v1/runs/pause", options);
  }

  /** Lifts {@link pauseAll}. What somebody paused alone stays paused. */
  resumeAll(options?: OrderOptions): Promise<Ordered> {
    return order(this.#transport, "/v1/runs/resume", options);
  }

  /**
   * Registers a run that this process works on: operators see it, pause it and cancel it as any other, and its `id` is the
   * `runId` of the holds that it asks for. Heard of from now on; silent for three times `heartbeatSeconds` (30), it is lost.
   */
  async register(run: Omit<RegisterRun, "external">, options: CallOptions = {}): Promise<ExternalRun> {
    const body = { ...run, external: true };
    const made = await this.#transport.json("POST", "/v1/runs", { ...options, body });
    return new ExternalRun(this.#transport, made as RunSummary);
  }

  /** Goes on with a run that another process has registered, and that nobody works on any more. Throws `not_found`. */
  async attach(id: string, options: { signal?: AbortSignal | undefined } = {}): Promise<ExternalRun> {
    return new ExternalRun(this.#transport, await this.get(id, options));
  }

  #control(id: string, action: string, { reason, ...options }: ControlOptions): Promise<RunControlled> {
    return this.#steer(id, action, { reason }, options);
  }

  /**
   * The events of a run, and of those that it called, from its start (or from `lastEventId`), live, until it has ended. Leaving the loop ends
   * the listening, never the run.
   */
  async *events(
    id: string,
    options: Omit<EventsOptions, "runId" | "holdId"> = {},
  ): AsyncGenerator<StreamEvent, void, undefined> {
    const path = `/v1/runs/${encodeURIComponent(id)}/events`;
    for await (const event of readEvents(this.#transport, path, options)) {
      yield event;
      // Not by the end of a run that it called.
      if (ENDINGS.has(event.type) && event.runId === id) return;
    }
  }
}
