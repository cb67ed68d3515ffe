import { STRENGTHS, type Grant, type GrantDetail, type Route } from "@holdpoint/protocol";
import { renderInstant, renderInstantOrNull } from "../../database/instant.ts";

/** A row of holdpoint.grants as JSON. */
export interface GrantRow {
  org_id: string;
  id: string;
  tool: string;
  condition: string | null;
  agent_id: string | null;
  end_user_id: string | null;
  expires_at: string;
  uses: number | null;
  uses_left: number | null;
  budget: number | null;
  budget_left: number | null;
  route: Route;
  quorum_required: number;
  strength: number;
  from_hold_id: string | null;
  reason: string | null;
  created_at: string;
  created_by: string;
  created_by_name: string;
  revoked_at: string | null;
  revoked_by: string | null;
  revoked_by_name: string | null;
  used_count?: number;
}

/** A claim by which an action proceeded. */
export interface GrantUseRow {
  id: string;
  redeemed_at: string;
  redeemed_by: string;
  action_hash: string;
  grant_value: number | null;
  run_id: string | null;
  tool_call_id: string | null;
}

export function renderGrant(row: GrantRow, now: string): Grant {
  const isActive =
    row.revoked_at === null &&
    Date.parse(renderInstant(row.expires_at)) > Date.parse(renderInstant(now)) &&
    (row.uses_left ?? 1) > 0 &&
    (row.budget_left ?? 1) > 0;
  return {
    id: row.id,
    tool: row.tool,
    condition: row.condition,
    agentId: row.agent_id,
    endUserId: row.end_user_id,
    isActive,
    expiresAt: renderInstant(row.expires_at),
    uses: row.uses,
    usesLeft: row.uses_left,
    usedCount: row.used_count ?? 0,
    budget: row.budget,
    budgetLeft: row.budget_left,
    route: row.route,
    quorumRequired: row.quorum_required,
    strength: STRENGTHS[row.strength] ?? "L3",
    fromHoldId: row.from_hold_id,
    reason: row.reason,
    createdAt: renderInstant(row.created_at),
    createdBy: { id: row.created_by, name: row.created_by_name },
    revokedAt: renderInstantOrNull(row.revoked_at),
    revokedBy: row.revoked_by === null ? null : { id: row.revoked_by, name: row.revoked_by_name ?? "" },
  };
}

export function renderGrantUse(row: GrantUseRow): GrantDetail["recentUses"][number] {
  return {
    claimId: row.id,
    at: renderInstant(row.redeemed_at),
    by: row.redeemed_by,
    actionHash: row.action_hash,
    value: row.grant_value,
    runId: row.run_id,
    toolCallId: row.tool_call_id,
  };
}
