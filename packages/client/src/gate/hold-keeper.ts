import {
  toldCancelled,
  toldExpired,
  toldRejected,
  toldSkipped,
  type Hold,
  type HoldDetail,
} from "@holdpoint/protocol";
import { HoldpointApiError } from "../api-error.ts";
import type { Claim, ExecutionReport, Holds } from "../holds.ts";
import { persistently } from "../persistent.ts";
import type { ExecutedBefore, GateKeeper, GateRequest, Released } from "./gate.ts";
import type { NotRun, NotRunOutcome } from "./not-executed.ts";

/** A claim is good for five minutes: one that took longer to get is not used (I1). */
const CLAIM_WITHIN_MS = 240_000;
/** How long a report is tried: after that the service says `unknown` by itself, and rightly. */
const REPORT_WITHIN_MS = 60_000;

/**
 * The gate that the service keeps: asks, waits however long it takes, redeems.
 *
 * 1. Nothing is executed without a claim that was given to this very call (I1): each call redeems under a key of its own, so
 *    that a lost answer is given again to it, and to no other process with the same idempotency key (I2).
 * 2. A service that is away is waited for once a person is asked; before that, and at the claim in the end, it is a failure.
 */
export class HoldKeeper implements GateKeeper {
  readonly #holds: Holds;

  constructor(holds: Holds) {
    this.#holds = holds;
  }

  async release(request: GateRequest): Promise<Released | ExecutedBefore | NotRun> {
    const { action, about, idempotencyKey, signal } = request;
    const { name } = action;
    const asked = await this.#holds.create(
      { ...about, action },
      {
        idempotencyKey,
        // What may proceed by itself has its claim from then on.
        signal: AbortSignal.any([signal, AbortSignal.timeout(CLAIM_WITHIN_MS)]),
        attempt: globalThis.crypto.randomUUID(),
      },
    );
    if (!("status" in asked)) {
      if (asked.repeated) return begunBefore("unknown", name, null);
      // No hold, and so nothing to report on: the log has that it was let through.
      return {
        outcome: "auto_proceeded",
        arguments: asked.action.arguments,
        hold: null,
        report: () => Promise.resolve(true),
      };
    }
    if (asked.status === "pending") request.onWaiting?.(asked);
    const hold = await this.#decided(asked, request);
    return hold.status === "approved" || hold.status === "modified"
      ? this.#claim(hold, request)
      : notReleased(hold, name);
  }

  async #decided(asked: Hold, { signal, isNamed }: GateRequest): Promise<Hold> {
    try {
      return await persistently(signal, () => this.#holds.wait(asked.id, { signal }));
    } catch (error) {
      // Nobody would execute it any more.
      if (signal.aborted && !isNamed) {
        void this.#holds.cancel(asked.id, "Whoever asked waits no more.").catch(() => undefined);
      }
      throw error;
    }
  }

  async #claim(
    hold: Hold,
    { action: { name }, signal }: GateRequest,
  ): Promise<Released | ExecutedBefore | NotRun> {
    const { id } = hold;
    const idempotencyKey = globalThis.crypto.randomUUID();
    // Not broken off by the caller: whoever redeems has to hear of it.
    const inTime = AbortSignal.timeout(CLAIM_WITHIN_MS);
    let claim: Claim;
    try {
      claim = await persistently(inTime, () =>
        this.#holds.claim(id, hold.outcome?.actionHash ?? undefined, { idempotencyKey, signal: inTime }),
      );
    } catch (error) {
      if (!HoldpointApiError.isInstance(error) || ![409, 410].includes(error.status)) throw error;
      const { code } = error as { code: string };
      if (code === "already_redeemed") return redeemedBefore(await this.#holds.get(id, { signal }), name);
      return notRun("refused", `Action '${name}' was not executed. ${error.message}`, hold);
    }
    const report = (told: ExecutionReport) => this.#report(id, told);
    if (signal.aborted) {
      await report({
        status: "failed",
        error: { message: "Whoever asked waits no more." },
      });
      throw signal.reason;
    }
    return {
      outcome: hold.status as "approved" | "modified",
      arguments: claim.action.arguments,
      hold,
      report,
    };
  }

  async #report(id: string, report: ExecutionReport): Promise<boolean> {
    const signal = AbortSignal.timeout(REPORT_WITHIN_MS);
    const send = (told: ExecutionReport) =>
      persistently(signal, () => this.#holds.reportExecution(id, told, { signal }));
    try {
      // A result that the service does not take (too large, say) must not leave it unknown that it ran.
      await send(report).catch((error: unknown) => {
        if (!HoldpointApiError.isInstance(error) || ![413, 422].includes(error.status)) throw error;
        return send({ status: report.status });
      });
      return true;
    } catch {
      return false;
    }
  }
}

/** What came of it when it was redeemed, which was not by this call. */
function redeemedBefore(hold: HoldDetail, name: string): ExecutedBefore | NotRun {
  const { fulfilment } = hold;
  if (fulfilment === "executed") {
    const { result } = (hold.execution ?? {}) as { result?: unknown };
    return { outcome: hold.status as "approved" | "modified", result, hold };
  }
  if (fulfilment === "failed") {
    return notRun("failed", `Action '${name}' was executed before, and failed.`, hold);
  }
  return begunBefore(fulfilment === "unknown" ? "unknown" : "executing", name, hold);
}

function begunBefore(outcome: NotRunOutcome, name: string, hold: Hold | null): NotRun {
  const reason = `Action '${name}' was begun by an earlier call, which has not told how it ended. It is not started again.`;
  return notRun(outcome, reason, hold);
}

/** What a hold says that released nothing. */
export function notReleased(hold: Hold, name: string): NotRun {
  const comment = hold.outcome?.comment ?? null;
  const { status } = hold;
  const tell = { rejected: toldRejected, skipped: toldSkipped, cancelled: toldCancelled };
  return status in tell
    ? notRun(status as keyof typeof tell, tell[status as keyof typeof tell](name, comment), hold)
    : notRun("expired", toldExpired(name, hold.onTimeout), hold);
}

function notRun(outcome: NotRunOutcome, reason: string, hold: Hold | null): NotRun {
  return { ran: false, outcome, reason, hold };
}
