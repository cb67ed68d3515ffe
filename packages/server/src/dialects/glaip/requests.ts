import type { Hold, JsonValue } from "@holdpoint/protocol";

/** How a request for approval stands, in the protocol's words. */
export type GlaipDecision = "pending" | "approved" | "rejected" | "skipped" | "timeout_skip";

/** What of a hold a request for approval is told with. */
export interface AskedHold {
  id: string;
  createdAt: string;
  expiresAt: string | null;
}

/** In UTC with its offset, as the protocol writes instants. */
export function instantOf(instant: string): string {
  return instant.replace(/Z$/, "+00:00");
}

/** What waits and until when; a hold without a deadline has neither time. */
export function deadlineOf({ createdAt, expiresAt }: Omit<AskedHold, "id">): {
  timeout_at?: string;
  timeout_seconds?: number;
} {
  if (expiresAt === null) return {};
  return {
    timeout_at: instantOf(expiresAt),
    timeout_seconds: Math.round((Date.parse(expiresAt) - Date.parse(createdAt)) / 1_000),
  };
}

/** Silence is a skip here, whatever else it is: nothing ran, and the agent was told so. */
export function decisionOf(status: string): GlaipDecision {
  switch (status) {
    case "pending":
      return "pending";
    case "approved":
    case "modified":
      return "approved";
    case "skipped":
      return "skipped";
    case "expired":
      return "timeout_skip";
    default:
      return "rejected";
  }
}

/** An entry of the list of what waits. */
export function renderPending(hold: Hold): object {
  const tool = { tool: hold.action?.name ?? hold.title, arguments: hold.action?.arguments ?? {} };
  return {
    request_id: hold.id,
    ...tool,
    created_at: instantOf(hold.createdAt),
    agent_id: hold.agentId,
    run_id: hold.runId,
    hitl_metadata: { required: true, decision: "pending", ...deadlineOf(hold) },
    additional_context: { tool_name: tool.tool, arguments: tool.arguments, agent_id: hold.agentId },
  };
}

/** An entry of the list of what was decided. The name is what is shown; who decided is the verified identity. */
export function renderAudit(hold: Hold, agentName: string | null): object {
  const { outcome } = hold;
  const decision = decisionOf(hold.status);
  const executed: JsonValue = hold.status === "modified" ? (outcome?.arguments ?? null) : null;
  return {
    request_id: hold.id,
    decision,
    timestamp: instantOf(hold.decidedAt ?? hold.createdAt),
    agent: { id: hold.agentId, name: agentName ?? hold.agentId },
    tool: { name: hold.action?.name ?? hold.title, arguments: hold.action?.arguments ?? {} },
    metadata: {
      decision_type: decision === "timeout_skip" ? "timeout" : decision,
      run_id: hold.runId,
      created_at: instantOf(hold.createdAt),
      ...deadlineOf(hold),
      operator: outcome === null ? null : { id: outcome.by.id, name: outcome.by.name, via: outcome.by.via },
      operator_input: outcome?.comment ?? null,
      ...(executed !== null && { modified_arguments: executed }),
      execution: hold.fulfilment,
    },
  };
}
