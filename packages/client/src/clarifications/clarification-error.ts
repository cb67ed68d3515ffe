import { HoldpointError } from "@holdpoint/protocol";
import { isNamed } from "../api-error.ts";
import type { Clarification } from "./clarification.ts";

/** A handler did not present a question, or the service took none of its answers. The question is open as before. */
export class ClarificationError extends HoldpointError {
  override name = "ClarificationError";
  readonly clarification: Clarification;

  constructor(clarification: Clarification, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      `The handler did not resolve ${clarification.id} (${clarification.kind}): ${why.replace(/\.$/, "")}. The question stays open.`,
      { code: "clarification_not_handled", cause },
    );
    this.clarification = clarification;
  }

  /** True where a handler failed on a question. */
  static override isInstance(error: unknown): error is ClarificationError {
    return isNamed(error, "ClarificationError");
  }
}
