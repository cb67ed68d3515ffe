import {
  actionHash,
  type HoldKind,
  type HoldStatus,
  type JsonObject,
  type Outcome,
} from "@holdpoint/protocol";
import type { Decider, HeldAction, HoldState, SchemaCheck } from "../src/index.ts";

export const CREATED_AT = "2026-08-01T12:00:00.000000Z";
export const NOW = "2026-08-01T12:04:59.999999Z";
export const EXPIRES_AT = "2026-08-01T12:05:00.000000Z";

export function sampleAction(values: JsonObject = { table_name: "users", count: 50 }): HeldAction {
  const hash = actionHash({
    orgId: "org_1",
    tool: "delete_records",
    toolHash: null,
    arguments: values,
    agentId: "data_manager",
    runId: "run_1",
    toolCallId: "call_1",
  });
  return {
    name: "delete_records",
    arguments: values,
    hash,
    toolHash: null,
    schema: null,
    reversibility: "irreversible",
  };
}

/** A pending approval of `delete_records`, asked for by an agent, 1 microsecond before its deadline at `NOW`. */
export function sampleHold(changes: Partial<HoldState> = {}): HoldState {
  return {
    id: "hold_1",
    orgId: "org_1",
    kind: "approval",
    status: "pending",
    action: sampleAction(),
    question: null,
    result: null,
    isUnknownExecution: false,
    agentId: "data_manager",
    runId: "run_1",
    toolCallId: "call_1",
    endUserId: null,
    requester: { id: "data_manager", kind: "agent", memberId: null },
    starterId: null,
    separation: "requester",
    tier: "sync_gate",
    route: { role: "reviewer" },
    quorum: { required: 1, refusals: 1 },
    strength: "L1",
    votes: [],
    ladderEnd: { route: { role: "manager" }, timeoutSeconds: 1_800, askedAt: null },
    createdAt: CREATED_AT,
    expiresAt: EXPIRES_AT,
    onTimeout: "reject",
    decidedAt: null,
    outcome: null,
    fulfilment: "none",
    version: 1,
    ...changes,
  };
}

/** A hold of each kind, with what that kind asks. */
export function sampleHoldOf(kind: HoldKind, changes: Partial<HoldState> = {}): HoldState {
  switch (kind) {
    case "approval":
      return sampleHold(changes);
    case "clarification":
      return sampleHold({ kind, action: null, question: { type: "verification" }, ...changes });
    case "authorization":
      return sampleHold({ kind, action: null, ...changes });
    default:
      return sampleHold({ kind, action: null, result: "42", ...changes });
  }
}

export function ended(hold: HoldState, status: HoldStatus): HoldState {
  if (status === "pending") return hold;
  const isApproved = status === "approved" || status === "modified";
  const outcome: Outcome = {
    verdict: null,
    arguments: isApproved ? (hold.action?.arguments ?? null) : null,
    actionHash: isApproved ? (hold.action?.hash ?? null) : null,
    answer: null,
    comment: "because",
    selfDecided: false,
    by: { id: "mem_first", name: "First", via: "api", verifiedBy: "session" },
  };
  return {
    ...hold,
    status,
    outcome,
    decidedAt: CREATED_AT,
    version: 2,
    fulfilment: isApproved ? "waiting" : "none",
  };
}

export const REVIEWER: Decider = {
  id: "mem_reviewer",
  name: "Reviewer",
  kind: "member",
  memberId: "mem_reviewer",
  role: "reviewer",
  via: "api",
  verifiedBy: "session",
};
export const SYSTEM: Decider = {
  id: "system",
  name: "system",
  kind: "system",
  memberId: null,
  role: null,
  via: "event",
  verifiedBy: "system",
};

/** Takes everything. */
export const anySchema: SchemaCheck = (_schema, value) => ({ value });
