import {
  HoldpointError,
  toJsonObject,
  toldRejected,
  toldSkipped,
  type JsonObject,
  type JsonValue,
} from "@holdpoint/protocol";
import {
  createGate,
  type ExecutedBefore,
  type Gate,
  type GateKeeper,
  type GateRequest,
  type Released,
} from "../gate/gate.ts";
import type { NotRun, NotRunOutcome } from "../gate/not-executed.ts";
import type { ExecutionReport } from "../holds.ts";
import { auditFile, type LocalAudit, type LocalAuditEntry } from "./audit-file.ts";
import { decideLocally, type DeciderOptions } from "./decider.ts";

export interface LocalGateOptions extends DeciderOptions {
  /** Where everything is recorded: a file of JSON lines, or something of your own. Default `holdpoint-audit.jsonl`. */
  audit?: string | LocalAudit | undefined;
}

/**
 * A gate without a server, for scripts and tests: somebody at this machine decides, every time, and it waits for them for
 * ever. The same `gate(name, fn, options)` as `Holdpoint.gate`; what only a service can do (routes, deadlines, tiers) is
 * not done here.
 *
 * ```ts
 * const gate = localGate();
 * const refund = gate("refund", ({ order, eur }: Refund) => payments.refund(order, eur), { impact: "high" });
 * ```
 *
 * Throws `InterruptedError` where the person broke off, and whatever the audit throws: then nothing was executed.
 */
export function localGate({ audit = "holdpoint-audit.jsonl", ...decider }: LocalGateOptions = {}): Gate {
  return createGate(new LocalKeeper(typeof audit === "string" ? auditFile(audit) : audit, decider));
}

/** The gate that somebody at this machine keeps. */
class LocalKeeper implements GateKeeper {
  readonly #audit: LocalAudit;
  readonly #decider: DeciderOptions;

  constructor(audit: LocalAudit, decider: DeciderOptions) {
    this.#audit = audit;
    this.#decider = decider;
  }

  async release(request: GateRequest): Promise<Released | ExecutedBefore | NotRun> {
    const { name } = request.action;
    const action = { name, arguments: toJsonObject(request.action.arguments, "arguments") };
    const before = request.isNamed ? await this.#before(request, action) : [];
    const id = before[0]?.id ?? globalThis.crypto.randomUUID();
    const record = (event: LocalAuditEntry["event"], more: Partial<LocalAuditEntry> = {}) =>
      this.#audit.append({
        time: new Date().toISOString(),
        id,
        event,
        action,
        ...(request.isNamed && { idempotencyKey: request.idempotencyKey }),
        ...more,
      });
    const earlier = before.find(({ event }) => DECISIONS.has(event));
    if (earlier?.event === "rejected" || earlier?.event === "skipped") {
      return notRun(earlier.event, name, earlier.reason);
    }
    let released = earlier;
    if (released === undefined) {
      if (before.length === 0) await record("gate_presented");
      const { summary = null } = request.about;
      const { reversibility = null, impact = null, value = null } = request.action;
      const { signal } = request;
      const asked = { id, action, summary, reversibility, impact, value, signal };
      const { decision, by, reason, modifications } = await decideLocally(asked, this.#decider);
      signal.throwIfAborted();
      const shown = { ...action, arguments: { ...action.arguments, ...modifications } };
      await record(by === "auto-approve" ? "auto_proceeded" : decision, {
        by,
        action: shown,
        ...(reason !== undefined && { reason }),
      });
      if (decision === "rejected" || decision === "skipped") return notRun(decision, name, reason);
      released = { time: "", id, event: decision, action: shown };
    }
    // I2: of however many processes, the one that claims the call may execute it.
    if (request.isNamed && (await this.#audit.claim?.(request.idempotencyKey)) === false) {
      return executedBefore(await this.#before(request, action), name);
    }
    const right = released.action;
    await record("executing", { action: right });
    return {
      outcome: released.event === "modified" ? "modified" : "approved",
      arguments: right.arguments,
      hold: null,
      report: (report) => reported(() => record(EVENT_OF[report.status], { action: right, ...told(report) })),
    };
  }

  /** What was recorded of this call, which is a call of the same action. */
  async #before(
    { idempotencyKey }: GateRequest,
    action: { name: string; arguments: JsonObject },
  ): Promise<readonly LocalAuditEntry[]> {
    const entries = (await this.#audit.find?.(idempotencyKey)) ?? [];
    const first = entries[0]?.action;
    if (
      first !== undefined &&
      JSON.stringify([first.name, first.arguments]) !== JSON.stringify([action.name, action.arguments])
    ) {
      throw new HoldpointError(`The idempotency key ${idempotencyKey} was used for another call.`, {
        code: "idempotency_mismatch",
        status: 422,
      });
    }
    return entries;
  }
}

const DECISIONS: ReadonlySet<string> = new Set([
  "approved",
  "modified",
  "rejected",
  "skipped",
  "auto_proceeded",
]);
const EVENT_OF = { succeeded: "executed", failed: "failed" } as const;

function told(report: ExecutionReport): { result?: JsonValue; error?: JsonValue } {
  if (report.status === "failed") return report.error === undefined ? {} : { error: report.error };
  return report.result === undefined ? {} : { result: report.result };
}

async function reported(record: () => void | Promise<void>): Promise<boolean> {
  try {
    await record();
    return true;
  } catch {
    return false;
  }
}

function executedBefore(entries: readonly LocalAuditEntry[], name: string): ExecutedBefore | NotRun {
  const end = entries.find(({ event }) => event === "executed" || event === "failed");
  if (end?.event === "executed") {
    const isModified = entries.some(({ event }) => event === "modified");
    return { outcome: isModified ? "modified" : "approved", result: end.result, hold: null };
  }
  return end === undefined
    ? notRunFor(
        "executing",
        `Action '${name}' was begun by another call, which has not told how it ended. It is not started again.`,
      )
    : notRunFor("failed", `Action '${name}' was executed before under this idempotency key, and failed.`);
}

function notRun(decision: "rejected" | "skipped", name: string, reason: string | undefined): NotRun {
  const tell = decision === "rejected" ? toldRejected : toldSkipped;
  return notRunFor(decision, tell(name, reason ?? null));
}

function notRunFor(outcome: NotRunOutcome, reason: string): NotRun {
  return { ran: false, outcome, reason, hold: null };
}
