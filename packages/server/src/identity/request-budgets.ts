import type { Database } from "../database/database.ts";
import { ProblemError } from "../problem.ts";

/** How many requests one principal may make in a minute, over all instances. */
export interface RequestLimits {
  /** Of an API key, or of a signed-in member in all browsers. */
  perMinute: number;
  /** Of an end user's tokens and devices together. */
  endUserPerMinute: number;
}

/** Generous for whoever works, and an end to a loop that has run away. */
export const DEFAULT_REQUEST_LIMITS: RequestLimits = { perMinute: 60_000, endUserPerMinute: 600 };

/** Where a principal stands in the minute that runs. */
export interface Budget {
  limit: number;
  /** As far as this instance knows: others may have asked meanwhile. */
  remaining: number;
  /** Whole seconds until the next minute, at least 1. */
  resetSeconds: number;
}

/** What `lease_requests_v1` answers. */
interface LeaseRow {
  limit: number;
  granted: number;
  left: number;
  windowMs: number;
}

interface Lease {
  /** 0 for a credential that counts not. */
  limit: number;
  own: number;
  elsewhere: number;
  endsAtMs: number;
  /** The next portion of this minute is the limit divided by this. */
  nextShare: number;
}

/**
 * The first portion of a minute is this part of the limit, and each further one twice as much, up to a twentieth: a credential
 * that asks little ties up little, so that a service that is started over and over loses little with each death.
 */
const FIRST_SHARE = 200;
const LARGEST_SHARE = 20;

/** So many credentials are remembered, and as many that are nobody's; one that was forgotten is leased for again, and what it had is lost until the minute ends. */
const REMEMBERED = 10_000;

/**
 * Counts the requests of each credential against a limit that all instances share, without a write per request: an instance
 * leases portions of a minute's requests from the database, small ones first. All of them together never give more than the
 * limit; what an instance has leased and not used when the minute ends, or when it dies, is lost.
 */
export class RequestBudgets {
  readonly #database: Pick<Database, "call">;
  readonly #limits: RequestLimits;
  readonly #now: () => number;
  readonly #leases = new Map<string, Lease>();
  /** Of credentials that count not, apart: whoever makes some up must not push out what others have leased. */
  readonly #nobodys = new Map<string, Lease>();
  readonly #asking = new Map<string, Promise<Lease>>();

  constructor(
    database: Pick<Database, "call">,
    limits: RequestLimits,
    /** Milliseconds that only grow. */
    now: () => number = () => performance.now(),
  ) {
    this.#database = database;
    this.#limits = limits;
    this.#now = now;
  }

  /**
   * One request of that credential. At once, or after one round trip when a new portion has to be leased; undefined for a
   * credential that counts not. Throws `too_many_requests` with `Retry-After`.
   */
  spend(credentialHash: string): Budget | undefined | Promise<Budget | undefined> {
    const lease = this.#leases.get(credentialHash) ?? this.#nobodys.get(credentialHash);
    if (lease === undefined || lease.endsAtMs <= this.#now() || (lease.own === 0 && lease.elsewhere > 0))
      return this.#leaseAndSpend(credentialHash);
    return this.#take(lease);
  }

  #take(lease: Lease): Budget | undefined {
    if (lease.limit === 0) return undefined;
    const resetSeconds = Math.max(1, Math.ceil((lease.endsAtMs - this.#now()) / 1_000));
    if (lease.own === 0) throw tooMany({ limit: lease.limit, remaining: 0, resetSeconds });
    lease.own -= 1;
    return { limit: lease.limit, remaining: lease.own + lease.elsewhere, resetSeconds };
  }

  async #leaseAndSpend(credentialHash: string): Promise<Budget | undefined> {
    for (;;) {
      const lease = await this.#lease(credentialHash);
      // Who waited for the same portion may find it used up.
      if (lease.own > 0 || lease.elsewhere === 0 || lease.limit === 0) return this.#take(lease);
    }
  }

  /** One at a time for a credential, however many wait for it. */
  #lease(credentialHash: string): Promise<Lease> {
    let asking = this.#asking.get(credentialHash);
    if (asking === undefined) {
      asking = this.#ask(credentialHash).finally(() => this.#asking.delete(credentialHash));
      this.#asking.set(credentialHash, asking);
    }
    return asking;
  }

  async #ask(credentialHash: string): Promise<Lease> {
    const { perMinute, endUserPerMinute } = this.#limits;
    const before = this.#leases.get(credentialHash);
    const share = before === undefined || before.endsAtMs <= this.#now() ? FIRST_SHARE : before.nextShare;
    const row = (await this.#database.call(
      "lease_requests_v1",
      credentialHash,
      perMinute,
      endUserPerMinute,
      share,
    )) as LeaseRow | null;
    const endsAtMs = this.#now() + (row?.windowMs ?? 60_000);
    const nextShare = Math.max(LARGEST_SHARE, Math.floor(share / 2));
    const lease: Lease =
      row === null
        ? { limit: 0, own: 0, elsewhere: 0, endsAtMs, nextShare }
        : { limit: row.limit, own: row.granted, elsewhere: row.left, endsAtMs, nextShare };
    this.#leases.delete(credentialHash);
    this.#nobodys.delete(credentialHash);
    const kept = row === null ? this.#nobodys : this.#leases;
    if (kept.size >= REMEMBERED) this.#forget(kept);
    kept.set(credentialHash, lease);
    return lease;
  }

  /** Those whose minute is over; where there are none, the oldest. */
  #forget(kept: Map<string, Lease>): void {
    const now = this.#now();
    for (const [hash, { endsAtMs }] of kept) {
      // Oldest first, and of one minute: behind one that lasts come only few that do not.
      if (endsAtMs > now) break;
      kept.delete(hash);
    }
    const oldest = kept.keys().next();
    if (kept.size >= REMEMBERED && oldest.done !== true) kept.delete(oldest.value);
  }
}

/** The headers that tell a client where it stands. */
export function budgetHeaders({ limit, remaining, resetSeconds }: Budget): Record<string, string> {
  return {
    "x-ratelimit-limit": String(limit),
    "x-ratelimit-remaining": String(remaining),
    "x-ratelimit-reset": String(resetSeconds),
  };
}

function tooMany(budget: Budget): ProblemError {
  return new ProblemError(
    "too_many_requests",
    `This key has made its ${budget.limit} requests of this minute. Wait ${budget.resetSeconds} s. ` +
      "The limit is `limits.requestsPerMinute` in the config, and counts over all instances.",
    { headers: { "retry-after": String(budget.resetSeconds), ...budgetHeaders(budget) } },
  );
}
