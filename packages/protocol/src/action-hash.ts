import { canonicalJson } from "./canonical-json.ts";
import type { JsonValue } from "./json-value.ts";
import { sha256Of, type Sha256 } from "./sha256.ts";

/** Everything that matters for what an approval allows. Absent members count as null. */
export interface ActionIdentity {
  orgId: string;
  /** The tool's name. */
  tool: string;
  /** See `toolHash`; null for an action that no registered tool stands behind. */
  toolHash?: string | null | undefined;
  /** After schema defaults and hooks: exactly what is shown and executed. */
  arguments?: JsonValue | undefined;
  agentId?: string | null | undefined;
  runId?: string | null | undefined;
  toolCallId?: string | null | undefined;
}

/**
 * The hash that a decision is bound to (I1, I8): SHA-256 over the canonical JSON (RFC 8785) of all seven members.
 *
 * Anyone can recompute it from a hold to check that what was approved is what was shown.
 */
export function actionHash(action: ActionIdentity): Sha256 {
  return sha256Of(
    canonicalJson({
      orgId: action.orgId,
      tool: action.tool,
      toolHash: action.toolHash ?? null,
      arguments: action.arguments ?? null,
      agentId: action.agentId ?? null,
      runId: action.runId ?? null,
      toolCallId: action.toolCallId ?? null,
    }),
  );
}
