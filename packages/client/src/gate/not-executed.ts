import { HoldpointError, type Hold } from "@holdpoint/protocol";
import { isNamed } from "../api-error.ts";

/**
 * Why an action did not run here. A person's or silence's no: `rejected`, `skipped`, `expired`, `cancelled`. `refused`: it was
 * approved, and its claim was refused all the same. Of a call that was made before, under the same idempotency key:
 * `executing` elsewhere, `failed` then, or `unknown`, because nobody reported how it ended.
 */
export type NotRunOutcome =
  | "rejected"
  | "skipped"
  | "expired"
  | "cancelled"
  | "refused"
  | "executing"
  | "failed"
  | "unknown";

/** The action was not executed by this call. */
export interface NotRun {
  ran: false;
  outcome: NotRunOutcome;
  /** One sentence that an agent can be told as it is: what happened, with the reviewer's reason, and what to do next. */
  reason: string;
  hold: Hold | null;
}

/** What a gate throws that was made with `throws: true`, for what is no plain "no": see {@link NotRunOutcome}. */
export class NotExecutedError extends HoldpointError {
  override name = "NotExecutedError";
  readonly outcome: NotRunOutcome;
  readonly hold: Hold | null;

  constructor(notRun: Omit<NotRun, "ran">, code = "not_executed") {
    super(notRun.reason, { code, status: 409 });
    this.outcome = notRun.outcome;
    this.hold = notRun.hold;
  }

  /** True for whatever kept an action from being executed, {@link RejectedError} and {@link ApprovalTimeoutError} included. */
  static override isInstance(error: unknown): error is NotExecutedError {
    return HoldpointError.isInstance(error) && "outcome" in error && "hold" in error;
  }
}

/** A person said no: rejected, skipped or withdrawn. The message has the reason. */
export class RejectedError extends NotExecutedError {
  override name = "RejectedError";

  constructor(notRun: Omit<NotRun, "ran">) {
    super(notRun, "rejected");
  }

  /** True where a person said no. */
  static override isInstance(error: unknown): error is RejectedError {
    return isNamed(error, "RejectedError");
  }
}

/** Nobody decided in time, and nobody can any more (R43). */
export class ApprovalTimeoutError extends NotExecutedError {
  override name = "ApprovalTimeoutError";

  constructor(id: string, hold: Hold | null) {
    super({ outcome: "expired", reason: timeoutOf(id), hold }, "expired");
  }

  /** True where nobody decided in time. */
  static override isInstance(error: unknown): error is ApprovalTimeoutError {
    return isNamed(error, "ApprovalTimeoutError");
  }
}

/** What is said of an approval that nobody gave in time. */
export function timeoutOf(id: string): string {
  return `Approval request ${id} timed out`;
}

/** The error that says the same. */
export function errorOf(notRun: NotRun): NotExecutedError {
  const { outcome, hold } = notRun;
  if (outcome === "expired") return new ApprovalTimeoutError(hold?.id ?? "", hold);
  return ["rejected", "skipped", "cancelled"].includes(outcome)
    ? new RejectedError(notRun)
    : new NotExecutedError(notRun);
}
