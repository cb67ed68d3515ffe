import { HoldpointError } from "@holdpoint/protocol";
import { HoldpointApiError } from "../api-error.ts";
import { delay } from "../backoff.ts";
import type { Hitl, HitlDecision } from "../hitl.ts";
import { isAutoApproved } from "../local/decider.ts";
import { printable } from "../terminal/printable.ts";
import { findTerminal, type Terminal } from "../terminal/terminal.ts";
import {
  callbackBudgetMs,
  findHitlRequest,
  findResolved,
  isHitlResponse,
  type HitlRequest,
  type HitlResponse,
} from "./hitl-request.ts";

export interface HitlHandlerOptions {
  /** Sends the decisions. */
  client: { hitl: Pick<Hitl, "decide"> };
  /** Decides. Runs beside the stream, for as long as {@link callbackBudgetMs} says; several may run at once. */
  callback?:
    | ((request: HitlRequest, signal: AbortSignal) => HitlResponse | Promise<HitlResponse>)
    | undefined;
  /** Approves everything, before anybody is asked. Default: whether `GLAIP_HITL_AUTO_APPROVE` or `HOLDPOINT_AUTO_APPROVE` is `true`. */
  autoApprove?: boolean | undefined;
  /** Ask at the terminal of this process, where it has one, before any callback. Default false. */
  interactive?: boolean | undefined;
  /** How often a decision is sent again, after 1, 2, 3 … seconds. Default 3. */
  maxRetries?: number | undefined;
  /** A decision could not be delivered, and the service will decide by its deadline: raise an alarm. */
  onUnrecoverableError?: ((requestId: string, error: Error) => void) | undefined;
  /** Default: warnings and errors to the console. */
  log?: ((level: "info" | "warn" | "error", message: string) => void) | undefined;
}

/** Clock and terminal. Tests bring their own. */
export interface HitlSurroundings {
  now(): number;
  delay(ms: number, signal?: AbortSignal): Promise<void>;
  findTerminal: typeof findTerminal;
}

/** What came of a request. */
export type HitlDelivery = "delivered" | "resolved_elsewhere" | "failed";

/**
 * Decides the requests of GLAIP runs: auto-approve, else the terminal, else the callback, else no.
 *
 * Owns: which requests are being decided here. Does not own: the stream, which it never holds up, and the decision, which is
 * the service's: whoever comes first there has decided.
 *
 * ```ts
 * const handler = new HitlHandler({ client, callback: ({ tool_name }) => ({ decision: SAFE.has(tool_name) ? "approved" : "rejected" }) });
 * const answer = await client.agents.run(agentId, "Clean up", { hitlHandler: handler });
 * await handler.waitForPendingDecisions(10);
 * ```
 */
export class HitlHandler {
  readonly #options: HitlHandlerOptions;
  readonly #world: HitlSurroundings;
  readonly #open = new Map<string, { over: AbortController; done: Promise<HitlDelivery> }>();

  constructor(
    options: HitlHandlerOptions,
    surroundings: HitlSurroundings = {
      now: Date.now,
      delay: (ms, signal) => delay(ms, signal),
      findTerminal,
    },
  ) {
    this.#options = options;
    this.#world = surroundings;
  }

  /** How many requests are being decided here. */
  get pending(): number {
    return this.#open.size;
  }

  /**
   * Takes a chunk of a run's stream, and returns at once: what it asks is decided in the background. One that makes no
   * sense is logged, and the stream goes on. Never throws. `serverAheadMs`: how far the server's clock, which deadlines are
   * told by, is ahead of this one's (0); `GlaipClient` measures it.
   */
  take(chunk: unknown, runId?: string, serverAheadMs = 0): void {
    try {
      if (typeof chunk !== "object" || chunk === null) throw new TypeError("it is no JSON object");
      const over = findResolved(chunk);
      if (over !== undefined) this.#open.get(over)?.over.abort(new Error("It was resolved."));
      const request = findHitlRequest(chunk);
      if (request === undefined || this.#open.has(request.request_id)) return;
      const id = request.request_id;
      const abort = new AbortController();
      const done = this.#handle(request, abort.signal, runId, serverAheadMs).finally(() =>
        this.#open.delete(id),
      );
      this.#open.set(id, { over: abort, done });
    } catch (error) {
      this.#log("error", `A malformed HITL event was skipped: ${messageOf(error)}`);
    }
  }

  /** Waits until nothing is being decided here, `timeoutSeconds` at most (10). False: something still is. */
  async waitForPendingDecisions(timeoutSeconds = 10): Promise<boolean> {
    const late = new AbortController();
    const timeout = this.#world.delay(timeoutSeconds * 1000, late.signal).then(
      () => false,
      () => false,
    );
    try {
      while (this.#open.size > 0) {
        const all = Promise.allSettled([...this.#open.values()].map(({ done }) => done)).then(() => true);
        if (!(await Promise.race([all, timeout]))) return false;
      }
      return true;
    } finally {
      late.abort();
    }
  }

  /** Never rejects. */
  async #handle(
    request: HitlRequest,
    over: AbortSignal,
    runId: string | undefined,
    serverAheadMs: number,
  ): Promise<HitlDelivery> {
    const id = request.request_id;
    const response = await this.#decide(request, over, serverAheadMs);
    // Decided in the meantime, by somebody else or by the clock.
    if (response === undefined) return "resolved_elsewhere";
    try {
      return await this.#deliver(id, response, runId);
    } catch (error) {
      this.#log(
        "error",
        `The decision ${response.decision} on ${id} could not be delivered: ${messageOf(error)}`,
      );
      this.#alarm(id, error);
      return "failed";
    }
  }

  #alarm(id: string, error: unknown): void {
    try {
      this.#options.onUnrecoverableError?.(id, error instanceof Error ? error : new Error(String(error)));
    } catch (failed) {
      this.#log("error", `onUnrecoverableError failed on ${id}: ${messageOf(failed)}`);
    }
  }

  /** Undefined: it is over before anybody here has said anything. */
  async #decide(
    request: HitlRequest,
    over: AbortSignal,
    serverAheadMs: number,
  ): Promise<HitlResponse | undefined> {
    const { callback, interactive = false, autoApprove } = this.#options;
    const { process } = globalThis as { process?: NodeJS.Process };
    if (autoApprove ?? isAutoApproved(process?.env)) {
      this.#log("info", `${request.tool_name} (${request.request_id}) is approved automatically.`);
      return { decision: "approved", operator_input: "auto-approved" };
    }
    const open = interactive ? this.#world.findTerminal() : undefined;
    const budgetMs = callbackBudgetMs(request, this.#world.now() + serverAheadMs);
    if (open !== undefined) {
      return this.#within({ id: request.request_id, budgetMs }, over, (signal) =>
        open((terminal) => askOperator(terminal, request, signal)),
      );
    }
    if (interactive) this.#log("warn", "There is no terminal to ask on.");
    if (callback === undefined) {
      this.#log("warn", `${request.request_id} is rejected: nobody was set to decide.`);
      return { decision: "rejected", operator_input: "No approval handler configured" };
    }
    return this.#within({ id: request.request_id, budgetMs }, over, async (signal) =>
      callback(request, signal),
    );
  }

  /** Of a decider that fails, is late or says something else: a no. */
  async #within(
    { id, budgetMs }: { id: string; budgetMs: number | undefined },
    over: AbortSignal,
    decide: (signal: AbortSignal) => Promise<unknown>,
  ): Promise<HitlResponse | undefined> {
    const done = new AbortController();
    const late = new AbortController();
    const signal = AbortSignal.any([over, late.signal]);
    const LATE = Symbol("late");
    const ends: Promise<unknown>[] = [aborted(over, OVER)];
    if (budgetMs !== undefined) {
      ends.push(
        this.#world.delay(budgetMs, done.signal).then(
          () => LATE,
          () => new Promise(() => {}),
        ),
      );
    }
    try {
      const said = await Promise.race([Promise.resolve().then(() => decide(signal)), ...ends]);
      if (said === OVER) return undefined;
      if (said === LATE) {
        this.#log("error", `The callback on ${id} took longer than ${budgetMs} ms; it is rejected.`);
        late.abort(new Error("Callback timeout"));
        return { decision: "rejected", operator_input: "Callback timeout" };
      }
      if (isHitlResponse(said)) return said;
      this.#log("error", `The callback on ${id} answered with no decision; it is rejected.`);
      return { decision: "rejected", operator_input: "Callback returned invalid response type" };
    } catch (error) {
      if (over.aborted) return undefined;
      this.#log("error", `The callback on ${id} failed; it is rejected: ${messageOf(error)}`);
      return { decision: "rejected", operator_input: `Callback error: ${messageOf(error).slice(0, 100)}` };
    } finally {
      done.abort();
    }
  }

  /** Throws what is left after the repetitions; 404 and 409 mean that there is nothing more to decide. */
  async #deliver(id: string, response: HitlResponse, runId: string | undefined): Promise<HitlDelivery> {
    const { client, maxRetries = 3 } = this.#options;
    const idempotencyKey = globalThis.crypto.randomUUID();
    for (let retries = 0; ; retries++) {
      try {
        await client.hitl.decide(id, response.decision, response.operator_input ?? undefined, runId, {
          idempotencyKey,
          maxRetries: 0,
        });
        return "delivered";
      } catch (error) {
        const status = HoldpointError.isInstance(error) ? error.status : 0;
        const isAnswered = HoldpointApiError.isInstance(error);
        if (isAnswered && (status === 404 || status === 409)) {
          this.#log("info", `${id} is resolved already: ${messageOf(error)}`);
          return "resolved_elsewhere";
        }
        if ((isAnswered && status < 500) || retries >= maxRetries) throw error;
        this.#log("warn", `Sending the decision on ${id} again in ${retries + 1} s: ${messageOf(error)}`);
        await this.#world.delay((retries + 1) * 1000);
      }
    }
  }

  #log(level: "info" | "warn" | "error", message: string): void {
    const log = this.#options.log ?? logToConsole;
    log(level, message);
  }
}

const OVER = Symbol("over");

function aborted<Value>(signal: AbortSignal, value: Value): Promise<Value> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(value);
    else signal.addEventListener("abort", () => resolve(value), { once: true });
  });
}

/** No default: what is not one of the words is asked again. */
async function askOperator(
  terminal: Terminal,
  request: HitlRequest,
  signal: AbortSignal,
): Promise<HitlResponse> {
  terminal.say("");
  terminal.say(`Asks to run ${printable(request.tool_name)} (${printable(request.request_id)})`);
  for (const [name, value] of Object.entries(request.tool_args)) {
    terminal.say(`    ${printable(name)}: ${printable(JSON.stringify(value))}`);
  }
  if (request.timeout_at !== null) terminal.say(`  until ${printable(request.timeout_at)}`);
  const words = { approve: "approved", reject: "rejected", skip: "skipped" } as const satisfies Record<
    string,
    HitlDecision
  >;
  const word = await terminal.choose("approve, reject, skip? ", ["approve", "reject", "skip"], signal);
  const said = await terminal.ask("A word to the agent (or Enter): ", signal);
  return { decision: words[word], ...(said !== "" && { operator_input: said }) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function logToConsole(level: "info" | "warn" | "error", message: string): void {
  if (level !== "info") console[level](`hitl: ${message}`);
}
