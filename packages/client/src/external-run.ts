import { HoldpointError, type Heard, type JsonValue, type RunSummary } from "@holdpoint/protocol";
import { isNamed } from "./api-error.ts";
import { persistently } from "./persistent.ts";
import type { Transport } from "./transport.ts";

/** Thrown at an interrupt point of a run that was cancelled; the reason of its signal. */
export class RunCancelledError extends HoldpointError {
  override name = "RunCancelledError";
  readonly run: RunSummary;

  constructor(run: RunSummary) {
    const { message } = (run.error ?? {}) as { message?: string };
    super(message ?? `Run ${run.id} was cancelled.`, { code: "run_ended", status: 409 });
    this.run = run;
  }

  /** True where a run was cancelled. */
  static override isInstance(error: unknown): error is RunCancelledError {
    return isNamed(error, "RunCancelledError");
  }
}

/** What a run elsewhere tells of how far it is. */
export interface RunProgress {
  /** How many steps it has done. */
  steps?: number | undefined;
  /** What it is at, in words. */
  text?: string | undefined;
}

const WAIT_SECONDS = 30;

/**
 * A run that this process works on. It is heard of in the background until {@link complete}, {@link fail} or {@link close};
 * a process that dies is missed, and its run shown as lost.
 *
 * ```ts
 * const run = await holdpoint.runs.register({ agentId: "scraper", input: "Read all pages" });
 * for (const page of pages) {
 *   await run.interruptPoint();          // waits while an operator has paused it, throws once it is cancelled
 *   await read(page, { signal: run.signal });
 * }
 * await run.complete(`${pages.length} pages read`);
 * ```
 */
export class ExternalRun {
  readonly #transport: Transport;
  readonly #ended = new AbortController();
  #latest: RunSummary;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  /** Ids of words that were handed out, and of those the server does not know it of yet. */
  readonly #given = new Set<string>();
  #heard: string[] = [];

  constructor(transport: Transport, run: RunSummary) {
    this.#transport = transport;
    this.#latest = run;
    this.#schedule();
  }

  /** For `runId` of the holds that it asks for. */
  get id(): string {
    return this.#latest.id;
  }

  /** As the server has told of it last. */
  get latest(): RunSummary {
    return this.#latest;
  }

  /** Aborted within a heartbeat once the run is cancelled, or the server refuses to hear of it. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /**
   * To be called where the work may stop: between its steps. A pause takes effect here, and is waited for; while the server
   * is away it is waited for too. Resolves to what operators have said to the agent since, each once. Throws
   * {@link RunCancelledError} once the run is cancelled.
   */
  async interruptPoint(progress: RunProgress = {}): Promise<string[]> {
    clearTimeout(this.#timer);
    try {
      for (;;) {
        this.signal.throwIfAborted();
        const heard = await persistently(this.signal, () =>
          this.#beat({ ...progress, waitSeconds: WAIT_SECONDS }),
        );
        if (heard.control !== "run") continue;
        const fresh = heard.notes.filter(({ id }) => !this.#given.has(id));
        for (const { id } of fresh) {
          this.#given.add(id);
          this.#heard.push(id);
        }
        return fresh.map(({ text }) => text);
      }
    } finally {
      this.#schedule();
    }
  }

  /** It is done. What it has left open is withdrawn. Throws `run_ended` where it was cancelled before. */
  complete(output?: string): Promise<RunSummary> {
    return this.#end({ status: "completed", output });
  }

  /** It has failed; nothing happens to one that is cancelled already. */
  async fail(error: unknown): Promise<RunSummary> {
    if (this.signal.aborted) return this.#latest;
    const { code = "failed", message = String(error) } = (error ?? {}) as {
      code?: unknown;
      message?: string;
    };
    return this.#end({ status: "failed", error: { code: String(code), message } });
  }

  /** Is heard of no more from here, and not ended: it counts as lost, unless another process attaches to it. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #end(body: JsonValue | object): Promise<RunSummary> {
    this.close();
    this.#latest = await (this.#post("end", body, {}) as Promise<RunSummary>);
    return this.#latest;
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed || this.signal.aborted) return;
    const seconds = this.#latest.external?.heartbeatSeconds ?? WAIT_SECONDS;
    this.#timer = setTimeout(() => {
      // What may pass is tried again with the next heartbeat; a refusal has ended it.
      void this.#beat({ isInterruptPoint: false })
        .catch(() => undefined)
        .then(() => this.#schedule());
    }, seconds * 1000);
    // It keeps no process alive (Node): whose work is over, or has crashed, is gone.
    (this.#timer as { unref?(): void }).unref?.();
  }

  async #beat(body: object): Promise<Heard> {
    const told = this.#heard;
    try {
      const heard = (await this.#post("heartbeat", told.length > 0 ? { ...body, heard: told } : body, {
        timeoutMs: (WAIT_SECONDS + 30) * 1000,
      })) as Heard;
      this.#latest = heard.run;
      this.#heard = this.#heard.filter((id) => !told.includes(id));
      if (heard.control === "cancel") this.#ended.abort(new RunCancelledError(heard.run));
      return heard;
    } catch (error) {
      if (HoldpointError.isInstance(error) && !error.retryable) this.#ended.abort(error);
      throw error;
    }
  }

  #post(action: string, body: unknown, options: { timeoutMs?: number }): Promise<unknown> {
    const path = `/v1/runs/${encodeURIComponent(this.id)}/${action}`;
    return this.#transport.json("POST", path, { ...options, body });
  }
}
