import type { AuthorizeAnswer, DecisionInput, Hold, JsonValue } from "@holdpoint/protocol";
import { HoldpointError } from "@holdpoint/protocol";
import { HoldpointApiError } from "../api-error.ts";
import { persistently } from "../persistent.ts";
import type { Transport } from "../transport.ts";
import { findClarification, type Clarification } from "./clarification.ts";
import { ClarificationError } from "./clarification-error.ts";
import type { ClarificationOptions, Present, Resolver } from "./handler.ts";

/** A question that was handed to the handler. */
interface Asked {
  clarification: Clarification;
  over: AbortController;
  attempts: number;
}

const DEFAULT_ATTEMPTS = 10;

/**
 * Hands the open questions of one run to a handler, and its answers to the service.
 *
 * Owns: which question is with the handler, and what came of it. Does not own: the run, and what fits as an answer; both
 * are the service's.
 *
 * 1. A question is with one call of one method at a time, and the first thing that a call says is what counts.
 * 2. The signal of a question fires once it is over, wherever that was, and after that nothing of it is sent.
 * 3. A question that is over here is not asked again, whatever an older reading of the run says of it.
 */
export class ClarificationDesk {
  readonly #transport: Transport;
  readonly #options: ClarificationOptions;
  /** Told whenever something came of a question; look at `failure` and `leaves`. */
  readonly #onChange: () => void;
  readonly #asked = new Map<string, Asked>();
  readonly #settled = new Set<string>();
  readonly #failed = new Set<string>();
  #failure: ClarificationError | undefined;

  constructor(transport: Transport, options: ClarificationOptions, onChange: () => void) {
    this.#transport = transport;
    this.#options = options;
    this.#onChange = onChange;
  }

  /** The failure that nobody is told of otherwise. */
  get failure(): ClarificationError | undefined {
    return this.#failure;
  }

  /** True for a pending hold that this desk does nothing about: no question, no method for it, or the method failed. */
  leaves(hold: Hold): boolean {
    if (this.#asked.has(hold.id) || this.#settled.has(hold.id)) return false;
    return this.#failed.has(hold.id) || this.#findAskable(hold) === undefined;
  }

  /** Takes the holds of a run as they are now: asks what is new, and ends what is over. */
  take(holds: readonly Hold[]): void {
    for (const hold of holds) {
      if (hold.status !== "pending") this.#end(hold.id, `${hold.id} is ${hold.status}.`);
      else if (!this.#settled.has(hold.id) && !this.#failed.has(hold.id)) this.#begin(hold);
    }
  }

  /** Nobody waits any more: every question that is with the handler is taken from it, and goes on being open. */
  close(): void {
    for (const id of this.#asked.keys()) this.#end(id, "Nobody waits for this answer here any more.");
  }

  #begin(hold: Hold): void {
    const clarification = this.#findAskable(hold);
    if (clarification === undefined || this.#asked.has(hold.id)) return;
    const asked = { clarification, over: new AbortController(), attempts: 0 };
    this.#asked.set(hold.id, asked);
    void this.#ask(asked, undefined);
  }

  #findAskable(hold: Hold): Clarification | undefined {
    const clarification = findClarification(hold);
    return clarification === undefined || this.#options.handler?.[clarification.kind] === undefined
      ? undefined
      : clarification;
  }

  /** Never rejects: whatever the method does becomes an answer or a failure. */
  async #ask(asked: Asked, refused: HoldpointApiError | undefined): Promise<void> {
    asked.attempts++;
    const { clarification, over } = asked;
    // One call of the method has one say: an answer, a no, or that it failed.
    const attempt: { said?: Promise<boolean> } = {};
    const say = (decision: DecisionInput): Promise<boolean> => {
      if (attempt.said !== undefined) return Promise.resolve(false);
      attempt.said = this.#decide(asked, decision);
      return attempt.said;
    };
    const answered = (answer: JsonValue, comment?: string) => say({ verdict: "answer", answer, comment });
    const resolver: Resolver = {
      signal: over.signal,
      refused,
      onResolution: answered,
      onError: (error) => void (attempt.said ??= this.#fail(asked, error)),
      decline: (comment) => say({ verdict: "reject", comment }),
      authorize: () => this.#authorize(clarification),
    };
    try {
      const { handler } = this.#options;
      // Called as a method, because handlers may be objects of a class.
      const present = handler?.[clarification.kind]?.bind(handler) as Present<Clarification["kind"]>;
      const answer = await present(clarification, resolver);
      if (answer !== undefined) await answered(answer);
    } catch (error) {
      // What it said before it threw is under way, and may be all that was needed.
      await attempt.said;
      void this.#fail(asked, error);
    }
  }

  async #decide(asked: Asked, decision: DecisionInput): Promise<boolean> {
    const { clarification, over } = asked;
    const path = `/v1/holds/${encodeURIComponent(clarification.id)}/decisions`;
    const options = { body: decision, idempotencyKey: globalThis.crypto.randomUUID() };
    try {
      await persistently(over.signal, () => this.#transport.json("POST", path, options));
      this.#end(clarification.id, `${clarification.id} is answered.`);
      return true;
    } catch (error) {
      if (!over.signal.aborted) this.#refused(asked, error);
      return false;
    }
  }

  #refused(asked: Asked, error: unknown): void {
    const { clarification } = asked;
    if (!(error instanceof HoldpointApiError)) void this.#fail(asked, error);
    else if (error.status === 409 || error.status === 410) this.#end(clarification.id, error.message);
    else if (error.status === 422 && asked.attempts < (this.#options.maxAttempts ?? DEFAULT_ATTEMPTS)) {
      void this.#ask(asked, error);
    } else void this.#fail(asked, error);
  }

  #authorize({ id }: Clarification): Promise<AuthorizeAnswer> {
    const options = { body: { holdId: id } };
    const path = "/v1/connections/authorize";
    return this.#transport.json<AuthorizeAnswer>("POST", path, options);
  }

  #fail(asked: Asked, cause: unknown): Promise<false> {
    const { clarification, over } = asked;
    if (!over.signal.aborted) {
      const error = new ClarificationError(clarification, cause);
      this.#failed.add(clarification.id);
      if (this.#options.onError === undefined) this.#failure ??= error;
      else this.#options.onError(error, clarification);
      this.#end(clarification.id, error.message);
    }
    return Promise.resolve(false);
  }

  #end(holdId: string, why: string): void {
    const asked = this.#asked.get(holdId);
    if (asked === undefined) return;
    this.#asked.delete(holdId);
    if (!this.#failed.has(holdId)) this.#settled.add(holdId);
    asked.over.abort(new HoldpointError(why, { code: "question_over" }));
    this.#onChange();
  }
}
