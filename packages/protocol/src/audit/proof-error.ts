import { HoldpointError } from "../error.ts";

/** What does not hold in a proof. */
export const PROOF_FAULTS = [
  "malformed_key",
  "malformed_note",
  "malformed_checkpoint",
  "malformed_proof",
  "malformed_receipt",
  "unknown_key",
  "bad_signature",
  "wrong_log",
  "wrong_root",
  "wrong_entry",
] as const;
export type ProofFault = (typeof PROOF_FAULTS)[number];

/** A proof that proves nothing. Nothing of what it says may be believed. */
export class ProofError extends HoldpointError {
  override name = "ProofError";
  readonly fault: ProofFault;

  constructor(fault: ProofFault, message: string, details: { index?: number | undefined } = {}) {
    super(message, { code: fault, details });
    this.fault = fault;
  }
}
