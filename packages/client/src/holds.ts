import type {
  CreateHold,
  DecisionInput,
  Hold,
  HoldDetail,
  HoldKind,
  HoldStatus,
  JsonObject,
  JsonValue,
  Reason,
  Tier,
} from "@holdpoint/protocol";
import { getPage, listAll, type Page, type PageOptions } from "./page.ts";
import type { RequestOptions, Transport } from "./transport.ts";

/** What to hold. `kind` is `approval` unless it says otherwise. */
export type NewHold = Omit<CreateHold, "kind" | "action"> & {
  kind?: HoldKind;
  action?: Omit<NonNullable<CreateHold["action"]>, "arguments"> & { arguments?: JsonObject };
};

/** Exactly what may be executed. */
export interface ClaimedAction {
  name: string;
  arguments: JsonObject;
  hash: string;
}

/** The policy let the action proceed by itself: no hold was made, and the claim says so. */
export interface AutoProceeded {
  outcome: "auto_proceeded";
  claim: string;
  action: ClaimedAction;
  reasons: Reason[];
  /** True: it was let through before, for another attempt under the same idempotency key. */
  repeated: boolean;
}

/** A redeemed approval: run exactly `action` before `expiresAt`, then report how it ended. */
export interface Claim {
  claim: string;
  action: ClaimedAction;
  expiresAt: string;
}

export interface ListHoldsOptions {
  /** `ended` is every status but `pending`. */
  status?: HoldStatus | "ended" | undefined;
  kind?: HoldKind | undefined;
  tier?: Tier | undefined;
  agentId?: string | undefined;
  runId?: string | undefined;
  endUserId?: string | undefined;
  /** What the person who asks may decide and has not put off. */
  assignee?: "me" | undefined;
  /** What the person who asks has put off, or has not. */
  deferred?: boolean | undefined;
  /** Words of title or summary. */
  q?: string | undefined;
  sort?: "createdAt" | "expiresAt" | "impact" | undefined;
  /** Size of a page, 1 to 200. */
  limit?: number | undefined;
}

export interface CallOptions {
  idempotencyKey?: string;
  signal?: AbortSignal | undefined;
}

export interface WaitOptions {
  /** How long to wait in all, in seconds. Default for ever. */
  timeoutSeconds?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** How an execution ended, as its agent reports it. */
export type ExecutionReport =
  | { status: "succeeded"; result?: JsonValue }
  | { status: "failed"; error?: JsonValue };

const LONG_POLL_SECONDS = 30;

/** Holds: ask, read, wait, decide; and, for agents that run elsewhere, redeem and report. */
export class Holds {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Asks. Answers with the hold, or, where the policy lets the action run by itself, with the right to run it. `attempt` (a
   * UUID) tells, of that right, whether it is this attempt's or was given before: see `repeated`.
   */
  create(
    hold: NewHold,
    { attempt, ...options }: CallOptions & { attempt?: string } = {},
  ): Promise<Hold | AutoProceeded> {
    const headers = { "x-holdpoint-attempt": attempt };
    return this.#send("POST", "/v1/holds", { ...options, headers, body: hold }) as Promise<
      Hold | AutoProceeded
    >;
  }

  /**
   * Hands a result that the agent is not sure of to a person. Without `threshold` the one of `stake` counts (`medium`,
   * 0.65), without `reason` it is "Confidence 0.42 below threshold 0.65". Whoever decides accepts it (`approved`), edits
   * it (`modified`, in `outcome.arguments.result`), sends it back (`answered`, with `outcome.answer.guidance`), or
   * rejects it.
   */
  escalate(
    task: string,
    result: JsonValue,
    confidence: number,
    hold: Omit<NewHold, "kind" | "action" | "task" | "result" | "confidence"> = {},
    options: CallOptions = {},
  ): Promise<Hold> {
    return this.#post(
      "/v1/holds",
      { ...hold, kind: "escalation", task, result, confidence },
      options,
    ) as Promise<Hold>;
  }

  /** A hold with its decisions. Throws `not_found` (404). */
  get(id: string, options: { signal?: AbortSignal | undefined } = {}): Promise<HoldDetail> {
    return this.#send("GET", holdPath(id), options) as Promise<HoldDetail>;
  }

  /** Every hold that fits, newest first unless `sort` says otherwise; pages are fetched on the way. */
  list(
    options: ListHoldsOptions = {},
    { signal }: { signal?: AbortSignal } = {},
  ): AsyncGenerator<Hold, void, undefined> {
    return listAll<Hold>(this.#transport, "/v1/holds", { ...options }, signal);
  }

  /** One page of {@link list}, for screens that fetch as they scroll. */
  page(options: ListHoldsOptions = {}, page: PageOptions = {}): Promise<Page<Hold>> {
    return getPage<Hold>(this.#transport, "/v1/holds", { ...options }, page);
  }

  /**
   * Waits until the hold has its outcome, or `timeoutSeconds` are over; then it comes back still pending. A "no" is an
   * outcome like any other and throws nothing.
   */
  async wait(id: string, options: WaitOptions = {}): Promise<Hold> {
    const until = Date.now() + (options.timeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000;
    for (;;) {
      const left = Math.ceil((until - Date.now()) / 1000);
      const seconds = Math.max(0, Math.min(LONG_POLL_SECONDS, left));
      const hold = (await this.#send("GET", `${holdPath(id)}/wait`, {
        query: { timeoutSeconds: seconds },
        signal: options.signal,
        timeoutMs: (seconds + 30) * 1000,
      })) as Hold;
      if (hold.status !== "pending" || Date.now() >= until) return hold;
    }
  }

  /**
   * Decides. `actionHash` is required to approve or modify, and must be that of the action the person saw (I8). Throws
   * `already_decided` (409) with who won in `error.problem`, `action_changed` (409), `expired` (410),
   * `invalid_arguments` (422), `not_allowed` (403).
   */
  decide(id: string, decision: DecisionInput, options: CallOptions = {}): Promise<Hold> {
    return this.#post(`${holdPath(id)}/decisions`, decision, options) as Promise<Hold>;
  }

  /** Not now: puts it off for the person who asks. Decides nothing, and its deadline runs on. */
  defer(id: string, options: CallOptions = {}): Promise<Hold> {
    return this.#post(`${holdPath(id)}/defer`, {}, options) as Promise<Hold>;
  }

  /** Takes up again what was put off. */
  takeUp(id: string): Promise<Hold> {
    return this.#send("DELETE", `${holdPath(id)}/defer`, {}) as Promise<Hold>;
  }

  /** Withdraws it. Nothing will be executed. */
  cancel(id: string, reason?: string, options: CallOptions = {}): Promise<Hold> {
    return this.#post(`${holdPath(id)}/cancel`, { reason }, options) as Promise<Hold>;
  }

  /** Redeems an approval, once for ever (I1, I2). Throws `already_redeemed`, `not_approved`, `action_changed` (409). */
  claim(id: string, actionHash?: string, options: CallOptions = {}): Promise<Claim> {
    return this.#post(`${holdPath(id)}/claim-execution`, { actionHash }, options) as Promise<Claim>;
  }

  /** Tells how a claimed execution ended. */
  reportExecution(id: string, report: ExecutionReport, options: CallOptions = {}): Promise<Hold> {
    return this.#post(`${holdPath(id)}/execution`, report, options) as Promise<Hold>;
  }

  #post(path: string, body: unknown, options: CallOptions): Promise<unknown> {
    return this.#send("POST", path, { ...options, body });
  }

  #send(method: string, path: string, options: RequestOptions): Promise<unknown> {
    return this.#transport.json(method, path, options);
  }
}

function holdPath(id: string): string {
  return `/v1/holds/${encodeURIComponent(id)}`;
}
