import { HoldpointError } from "@holdpoint/protocol";

/** A request to an address of the user's was not sent, or was not answered with success. */
export class OutboundError extends HoldpointError {
  override name = "OutboundError";

  constructor(code: "address_refused" | "outbound_failed", message: string, cause?: unknown) {
    super(message, {
      code,
      retryable: code === "outbound_failed",
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
