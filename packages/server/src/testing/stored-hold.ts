import { createId, type HoldKind, type HoldStatus } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";

/** Puts a hold into the store as it is described, past every rule: to look at one cell of the state machine. */
export async function storeHold(
  database: Database,
  orgId: string,
  columns: { kind: HoldKind; status: HoldStatus; [column: string]: unknown },
): Promise<string> {
  const id = createId("hold");
  const row = {
    org_id: orgId,
    id,
    version: 1,
    title: "A hold of a test",
    action: columns.kind === "approval" ? { name: "refund", arguments: { order: 17 } } : null,
    action_hash: columns.kind === "approval" ? `sha256:${"0".repeat(64)}` : null,
    reversibility: columns.kind === "approval" ? "irreversible" : null,
    verdicts: ["approve", "modify", "reject", "skip", "answer"],
    tier: "sync_gate",
    route: { role: "reviewer" },
    route_role: "reviewer",
    separation: "requester",
    quorum_required: 1,
    quorum_refusals: 1,
    strength: 1,
    rule: null,
    channels: [],
    remind_every_seconds: null,
    next_step_at: null,
    facts: null,
    may_grant: false,
    reasons: [],
    policy_version: 0,
    requester: "key_test",
    requester_kind: "agent",
    created_at: "2026-01-01T00:00:00Z",
    expires_at: "2126-01-01T00:00:00Z",
    on_timeout: "reject",
    decided_at: columns.status === "pending" ? null : "2026-01-01T00:01:00Z",
    fulfilment: "none",
    ...columns,
  };
  await database.ownerSession(async (owner) => {
    await owner.query("begin");
    await owner.query("set local role hp_definer");
    await owner.query(
      "insert into holdpoint.holds select * from json_populate_record(null::holdpoint.holds, $1)",
      [JSON.stringify(row)],
    );
    await owner.query("commit");
  });
  return id;
}
