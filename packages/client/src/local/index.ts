/*
 * A gate without a server:
 *
 *   import { localGate } from "@holdpoint/client/local";
 *   const refund = localGate()("refund", ({ order, eur }) => payments.refund(order, eur));
 */

// The gate.
export { localGate, type LocalGateOptions } from "./local-gate.ts";
export type { DeciderOptions, LocalDecision, LocalRequest } from "./decider.ts";
export { auditFile, type LocalAudit, type LocalAuditEntry } from "./audit-file.ts";

// Errors.
export { InterruptedError } from "../terminal/terminal.ts";
