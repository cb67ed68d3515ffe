import { createHash, randomBytes } from "node:crypto";
import { createId } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";

export interface SeededOrganisation {
  orgId: string;
  /** Keys and their hashes: an operator key of the admin Ada, one of the reviewer Rob, an agent key. */
  adminKey: string;
  adminHash: string;
  adminId: string;
  reviewerKey: string;
  reviewerHash: string;
  reviewerId: string;
  agentKey: string;
  agentHash: string;
}

export function hashOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/** An organisation of a test's own, with an admin, a reviewer and an agent. */
export async function seedOrganisation(
  database: Database,
  options: { agentId?: string } = {},
): Promise<SeededOrganisation> {
  const orgId = createId("org");
  const keys = {
    adminKey: `hpo_${randomBytes(32).toString("base64url")}`,
    reviewerKey: `hpo_${randomBytes(32).toString("base64url")}`,
    agentKey: `hpa_${randomBytes(32).toString("base64url")}`,
  };
  const memberIds = { Ada: createId("mem"), Rob: createId("mem") };
  await database.ownerSession(async (owner) => {
    await owner.query("begin");
    // The owner is under forced row-level security too; rows across organisations are hp_definer's.
    await owner.query("set local role hp_definer");
    await owner.query("insert into holdpoint.organisations (id, name) values ($1, $2)", [orgId, "Test"]);
    for (const [name, role, key] of [
      ["Ada", "admin", keys.adminKey],
      ["Rob", "reviewer", keys.reviewerKey],
    ] as const) {
      const memberId = memberIds[name];
      await owner.query(
        "insert into holdpoint.members (org_id, id, user_id, name, email, role) values ($1, $2, $3, $4, $5, $6)",
        [orgId, memberId, createId("mem"), name, `${name.toLowerCase()}@example.com`, role],
      );
      await owner.query(
        "insert into holdpoint.api_keys (org_id, id, hash, name, kind, member_id, scopes) values ($1, $2, $3, $4, 'operator', $5, '{}')",
        [orgId, createId("key"), hashOf(key), name, memberId],
      );
    }
    await owner.query(
      "insert into holdpoint.api_keys (org_id, id, hash, name, kind, agent_id, scopes) values ($1, $2, $3, 'agent', 'agent', $4, $5)",
      [orgId, createId("key"), hashOf(keys.agentKey), options.agentId ?? null, ["holds:create", "runs:*"]],
    );
    await owner.query("commit");
  });
  return {
    orgId,
    ...keys,
    adminHash: hashOf(keys.adminKey),
    adminId: memberIds.Ada,
    reviewerId: memberIds.Rob,
    reviewerHash: hashOf(keys.reviewerKey),
    agentHash: hashOf(keys.agentKey),
  };
}
