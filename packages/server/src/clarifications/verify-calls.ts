import { toldNotVerified } from "@holdpoint/core";
import { HoldpointError } from "@holdpoint/protocol";
import type { BeforeToolCall } from "./tool-hooks.ts";

/** The person whom the agent works for has said no to a call. It is told as that, not as a failure. */
export class NotVerifiedError extends HoldpointError {
  override name = "NotVerifiedError";

  constructor(tool: string) {
    super(toldNotVerified(tool), { code: "not_verified" });
  }
}

/**
 * A `beforeToolCall` that asks the end user yes or no before each call of these tools, showing its stored arguments. A
 * no ends the call without executing it. Beside an approval, not instead of one.
 *
 * @example
 * defineAgent({ …, beforeToolCall: verifyCalls(["send_mail"]) })
 */
export function verifyCalls(tools: readonly string[], options: { guidance?: string } = {}): BeforeToolCall {
  const names = new Set(tools);
  return async (call, { ask }) => {
    if (!names.has(call.name)) return;
    const isRight = await ask.verify(`verify ${call.name}`, {
      title: call.title.slice(0, 300),
      guidance: [options.guidance ?? "Is this right?", JSON.stringify(call.arguments, null, 2)]
        .join("\n\n")
        .slice(0, 10_000),
    });
    if (!isRight) throw new NotVerifiedError(call.name);
  };
}
