import { ProofError, type ProofFault } from "./proof-error.ts";

/** The first thing in an exported log that does not fit. */
export class LogFault extends ProofError {
  override name = "LogFault";
  /** From 1. */
  readonly line: number;
  /** The entry, where it is about one. */
  readonly index: number | undefined;

  constructor(fault: ProofFault, message: string, at: { line: number; index?: number | undefined }) {
    super(fault, message);
    this.line = at.line;
    this.index = at.index;
  }
}
