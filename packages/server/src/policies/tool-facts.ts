import type { Confirmation, PolicyFacts } from "@holdpoint/core";
import type { Impact, JsonObject, OnTimeout, Reversibility } from "@holdpoint/protocol";

/** What a tool's declaration says to the policy. */
export interface DeclaredTool {
  readonly name: string;
  readonly reversibility?: Reversibility | undefined;
  readonly impact?: Impact | undefined;
  readonly handles?: readonly string[] | undefined;
  readonly timeoutSeconds: number | undefined;
  readonly onTimeout: OnTimeout | undefined;
  valueOf(args: JsonObject): number | undefined;
  counterpartyOf?(args: JsonObject): string | undefined;
}

/**
 * A call of a declared tool as the policy looks at it. `problem` says which of its functions failed: such a call is held
 * (I10).
 */
export function actionFactsOf(
  tool: DeclaredTool,
  args: JsonObject,
  confirmation: Confirmation | undefined,
): { action: PolicyFacts["action"]; problem?: string } {
  let problem: string | undefined;
  const ask = <T>(what: string, answer: () => T | undefined): T | undefined => {
    try {
      return answer();
    } catch (error) {
      problem ??= `${what} failed: ${error instanceof Error ? error.message : String(error)}`;
      return undefined;
    }
  };
  const value = ask("value", () => tool.valueOf(args));
  const counterparty = ask("counterparty", () => tool.counterpartyOf?.(args));
  return {
    action: {
      name: tool.name,
      arguments: args,
      reversibility: tool.reversibility,
      impact: tool.impact,
      value,
      handles: tool.handles,
      counterparty,
      requiresConfirmation: problem === undefined ? confirmation : true,
      timeoutSeconds: tool.timeoutSeconds,
      onTimeout: tool.onTimeout,
    },
    ...(problem !== undefined && { problem }),
  };
}
