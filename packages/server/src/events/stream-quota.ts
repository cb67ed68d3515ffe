import { ProblemError } from "../problem.ts";

/** How many streams one instance keeps open. */
export interface StreamLimits {
  /** With one credential. Default 1,000. */
  perCredential: number;
  /** With all of them. Default 20,000. */
  perInstance: number;
}

export const STREAM_LIMITS: StreamLimits = { perCredential: 1_000, perInstance: 20_000 };
const RETRY_AFTER_SECONDS = 10;

/** Counts open streams, so that no client takes the memory of all others. */
export class StreamQuota {
  readonly #limits: StreamLimits;
  readonly #counts = new Map<string, number>();
  #total = 0;

  constructor(limits: StreamLimits) {
    this.#limits = limits;
  }

  get total(): number {
    return this.#total;
  }

  /** Takes one place, to be given back. Throws as `assertRoom`. */
  take(credential: string | undefined): void {
    this.assertRoom(credential);
    this.#total += 1;
    if (credential !== undefined) this.#counts.set(credential, (this.#counts.get(credential) ?? 0) + 1);
  }

  /** Throws `too_many_requests` (429) or `overloaded` (503), with Retry-After, when there is no place. */
  assertRoom(credential: string | undefined): void {
    const headers = { "retry-after": String(RETRY_AFTER_SECONDS) };
    if (this.#total >= this.#limits.perInstance) {
      throw new ProblemError(
        "overloaded",
        `This instance keeps ${this.#limits.perInstance} streams open, which is as many as it may. Try again in ${RETRY_AFTER_SECONDS} s, ask another instance, or poll.`,
        { headers },
      );
    }
    const count = credential === undefined ? 0 : (this.#counts.get(credential) ?? 0);
    if (count >= this.#limits.perCredential) {
      throw new ProblemError(
        "too_many_requests",
        `This credential has ${count} streams open here, which is as many as it may. Close some; one stream of the organisation tells of all its holds and runs.`,
        { headers },
      );
    }
  }

  giveBack(credential: string | undefined): void {
    this.#total -= 1;
    if (credential === undefined) return;
    const left = (this.#counts.get(credential) ?? 1) - 1;
    if (left === 0) this.#counts.delete(credential);
    else this.#counts.set(credential, left);
  }
}
