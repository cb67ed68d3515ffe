import { canonicalJson, sha256Of, type JsonObject } from "@holdpoint/protocol";
import { onceInHand } from "./once.ts";
import { CallSuspended } from "./suspension-signal.ts";
import type { AskedQuestion, Asking, AskName, AskToRaise, StoredAsk } from "./asking.ts";

/** An ask on its way into the store. */
export interface RaisedAsk {
  name: AskName;
  ask: Omit<AskToRaise, "key">;
  questionHash: string;
  /** The hold of an earlier ask that is the same and still open: the call waits for it again. */
  openHoldId: string | null;
}

export interface AskSessionOptions {
  attempt: number;
  /** Of all earlier attempts. */
  stored: readonly StoredAsk[];
  /** Fires when the run is lost or the service stops. */
  signal: AbortSignal;
}

/**
 * What one attempt of a call asks.
 *
 * Owns: the names of asks, and when the attempt ends in a suspension. Does not own: the commit of it.
 */
export class AskSession implements Asking {
  readonly attempt: number;
  readonly signal: AbortSignal;
  readonly #stored: readonly StoredAsk[];
  readonly #suspended = new AbortController();
  readonly #counts = new Map<string, number>();
  readonly #raised: RaisedAsk[] = [];
  readonly #unfinished = new Set<Promise<unknown>>();
  readonly #whole = Promise.withResolvers<RaisedAsk[]>();
  #isOver = false;

  constructor({ attempt, stored, signal }: AskSessionOptions) {
    this.attempt = attempt;
    this.#stored = stored;
    this.signal = AbortSignal.any([signal, this.#suspended.signal]);
  }

  next(key: string): AskName {
    const occurrence = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, occurrence);
    return { key, occurrence };
  }

  find({ key, occurrence }: AskName, asked: AskedQuestion): StoredAsk | undefined {
    const hash = questionHash(asked);
    return this.#stored.findLast(
      (ask) => ask.key === key && ask.occurrence === occurrence && ask.questionHash === hash,
    );
  }

  latest(key: string): StoredAsk | undefined {
    return this.#stored.findLast((ask) => ask.key === key);
  }

  raise(name: AskName, ask: Omit<AskToRaise, "key">): Promise<never> {
    if (this.#isOver)
      return Promise.reject(
        new Error(`"${name.key}" was asked after the call had ended: nobody waits for it.`),
      );
    const once = onceInHand();
    if (once !== undefined)
      return Promise.reject(
        new TypeError(`"${name.key}" cannot be asked inside context.once("${once}"): ask first, then do.`),
      );
    const last = this.find(name, ask);
    this.#raised.push({
      name,
      ask,
      questionHash: questionHash(ask),
      openHoldId: last?.status === "pending" ? last.holdId : null,
    });
    if (this.#raised.length === 1) setImmediate(() => void this.#end());
    return Promise.withResolvers<never>().promise; // never settles (A2)
  }

  /** What a suspension waits for: whoever does not know that it was done would do it again. */
  waitFor(work: Promise<unknown>): void {
    this.#unfinished.add(work);
    work.catch(() => undefined).finally(() => this.#unfinished.delete(work));
  }

  /** Resolves to all that was raised, once the attempt has ended by it. */
  get suspended(): Promise<RaisedAsk[]> {
    return this.#whole.promise;
  }

  get hasRaised(): boolean {
    return this.#raised.length > 0;
  }

  /** The attempt has ended in another way: asks of what it left running are refused. */
  close(): void {
    this.#isOver = true;
  }

  async #end(): Promise<void> {
    this.#isOver = true;
    this.#suspended.abort(new CallSuspended());
    while (this.#unfinished.size > 0) await Promise.allSettled(this.#unfinished);
    this.#whole.resolve(this.#raised);
  }
}

function questionHash({ question, title, details }: AskedQuestion): string {
  const asked: JsonObject = { question, title: title ?? null, details: details ?? null };
  return sha256Of(canonicalJson(asked));
}
