import type { HoldDetail } from "@holdpoint/protocol";

export const HASH = `sha256:${"a".repeat(64)}`;

/** A pending approval as the server shows it, with what the test wants otherwise. */
export function exampleHold(changes: Partial<HoldDetail> = {}): HoldDetail {
  return {
    id: "hold_1",
    orgId: "org_1",
    kind: "approval",
    status: "pending",
    title: "Delete 50 records from users?",
    summary: null,
    details: null,
    evidence: [],
    action: {
      name: "delete_records",
      arguments: { table_name: "users", count: 50 },
      hash: HASH,
      schema: {
        type: "object",
        properties: { table_name: { type: "string" }, count: { type: "integer", exclusiveMinimum: 0 } },
        required: ["table_name", "count"],
        additionalProperties: false,
      },
      reversibility: "irreversible",
      impact: "high",
      value: null,
    },
    question: null,
    tier: "sync_gate",
    reasons: [{ rule: "tool.requiresConfirmation", text: "delete_records always needs a confirmation." }],
    policyVersion: 0,
    route: { role: "reviewer" },
    quorum: { required: 1, refusals: 1, votes: [] },
    level: "mandatory_review",
    rule: null,
    strength: "L1",
    channels: [],
    mayGrant: false,
    nextStep: null,
    allowedVerdicts: ["approve", "modify", "reject", "skip"],
    agentId: "data_manager",
    path: null,
    runId: "run_1",
    toolCallId: "call_1",
    sessionId: null,
    endUserId: "alice",
    transactionId: null,
    requester: "data_manager",
    createdAt: "2026-08-01T11:59:58Z",
    respondBy: null,
    expiresAt: "2026-08-01T12:04:58Z",
    onTimeout: "reject",
    decidedAt: null,
    outcome: null,
    fulfilment: "none",
    execution: null,
    metadata: null,
    runLostAt: null,
    version: 1,
    decisions: [],
    deliveries: [],
    deferredAt: null,
    ...changes,
  };
}

/** The same hold, decided. */
export function decidedHold(status: HoldDetail["status"], changes: Partial<HoldDetail> = {}): HoldDetail {
  return exampleHold({
    status,
    decidedAt: "2026-08-01T11:59:59Z",
    outcome: {
      verdict: null,
      arguments: null,
      actionHash: null,
      answer: null,
      comment: null,
      selfDecided: false,
      by: { id: "mem_1", name: "Admin", via: "cli", verifiedBy: "operator_key" },
    },
    ...changes,
  });
}
