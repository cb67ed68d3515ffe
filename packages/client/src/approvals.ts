import type { Hold, HoldStatus, JsonObject } from "@holdpoint/protocol";
import { HoldpointApiError } from "./api-error.ts";
import { ApprovalTimeoutError, timeoutOf } from "./gate/not-executed.ts";
import type { CallOptions, Holds, NewHold, WaitOptions } from "./holds.ts";

/** An action to be asked about. */
export type NewApproval = NewHold & { kind?: "approval"; action: NonNullable<NewHold["action"]> };

/** How an approval ended. */
export interface ApprovalDecision {
  id: string;
  status: HoldStatus;
  /** What of the arguments the reviewer changed; empty where nothing. */
  modifications: JsonObject;
  /** What may be executed; null where nothing may. */
  arguments: JsonObject | null;
  comment: string | null;
  hold: Hold;
}

/** An approval that was asked for; redeem it, report on it and withdraw it with {@link Holds}. */
export interface ApprovalRequest {
  readonly id: string;
  readonly hold: Hold;
  /** Waits for the outcome, for ever unless told otherwise; a "no" is one too and throws nothing. `pending`: the time to wait is over. */
  wait(options?: WaitOptions): Promise<HoldStatus>;
}

const WAIT_SECONDS = 300;

/**
 * Approvals, step by step, for whoever cannot put a gate around a function. Always asks a person: the policy may only ask for
 * more.
 */
export class Approvals {
  readonly #holds: Holds;

  constructor(holds: Holds) {
    this.#holds = holds;
  }

  /** Asks. */
  async request(approval: NewApproval, options: CallOptions = {}): Promise<ApprovalRequest> {
    const holds = this.#holds;
    // With a tier that has a gate it never proceeds by itself.
    const hold = (await holds.create({ tier: "sync_gate", ...approval }, options)) as Hold;
    const { id } = hold;
    return {
      id,
      hold,
      wait: async (waitOptions) => (await holds.wait(id, waitOptions)).status,
    };
  }

  /** Asks, and answers with the id alone. */
  async submit(approval: NewApproval, options: CallOptions = {}): Promise<string> {
    return (await this.request(approval, options)).id;
  }

  /**
   * Waits for the decision, 300 seconds unless told otherwise. When they are over nobody can give it any more, and
   * {@link ApprovalTimeoutError} is thrown; a "no" is a decision.
   */
  async waitForDecision(
    id: string,
    { timeoutSeconds = WAIT_SECONDS, signal }: WaitOptions = {},
  ): Promise<ApprovalDecision> {
    let hold = await this.#holds.wait(id, { timeoutSeconds, signal });
    if (hold.status === "pending") hold = await this.#expire(id);
    const timedOut = hold.status === "cancelled" && hold.outcome?.comment === timeoutOf(id);
    if (hold.status === "expired" || timedOut) throw new ApprovalTimeoutError(id, hold);
    const released = hold.outcome?.arguments ?? null;
    return {
      id,
      status: hold.status,
      modifications:
        hold.status === "modified" ? changesOf(hold.action?.arguments ?? {}, released ?? {}) : {},
      arguments: released,
      comment: hold.outcome?.comment ?? null,
      hold,
    };
  }

  /** Ends it, so that nobody can decide it any more. Nothing happens to one that is over. */
  async expire(id: string): Promise<void> {
    await this.#expire(id);
  }

  /** Of a decision and the end of the time the service knows which came first. */
  async #expire(id: string): Promise<Hold> {
    try {
      return await this.#holds.cancel(id, timeoutOf(id));
    } catch (error) {
      if (!HoldpointApiError.isInstance(error) || ![409, 410].includes(error.status)) throw error;
      return this.#holds.get(id);
    }
  }
}

function changesOf(before: JsonObject, after: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(after).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key])),
  );
}
