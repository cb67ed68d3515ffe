import { randomBytes } from "node:crypto";
import {
  createId,
  policySchema,
  type DecisionInput,
  type Hold,
  type PolicyInput,
  type Role,
} from "@holdpoint/protocol";
import type { Evaluation } from "@holdpoint/core";
import type { Database } from "../../src/database/database.ts";
import { decideHold } from "../../src/holds/decide-hold.ts";
import { getHold } from "../../src/holds/read-holds.ts";
import { newHoldRow, type NewHold } from "../../src/holds/new-hold.ts";
import { SchemaCheck } from "../../src/holds/schema-check.ts";
import { hashOf, seedOrganisation, type SeededOrganisation } from "../../src/testing/organisation.ts";

export const HASH = `sha256:${"1".repeat(64)}`;

export interface SeededPerson {
  id: string;
  email: string;
  key: string;
  keyHash: string;
  /** Of a session that was just signed in to. */
  sessionHash: string;
}

/** An organisation with people of every role, and holds whose policy is written by hand. */
export async function seedRoutes(database: Database) {
  const org = await seedOrganisation(database, { agentId: "billing" });
  const people: Record<string, SeededPerson> = {};
  for (const [name, role] of [
    ["vic", "viewer"],
    ["rita", "reviewer"],
    ["rolf", "reviewer"],
    ["mara", "manager"],
    ["moe", "manager"],
    ["ole", "operator"],
    ["ann", "admin"],
  ] as const) {
    people[name] = await seedPerson(database, org.orgId, name, role);
  }
  const person = (name: string): SeededPerson => {
    const found = people[name];
    if (found === undefined) throw new Error(`nobody is called ${name}`);
    return found;
  };
  const deps = {
    database,
    tools: { findTool: () => undefined },
    schemas: new SchemaCheck(),
    published: () => undefined,
  };
  return {
    org,
    person,
    seedPerson: (name: string, role: Role) => seedPerson(database, org.orgId, name, role),
    ask: (changes: Partial<Evaluation> = {}, more: Partial<NewHold> = {}) =>
      ask(database, org, changes, more),
    decide: (
      holdId: string,
      credentialHash: string,
      input: Partial<DecisionInput> = {},
      idempotencyKey?: string,
    ) =>
      decideHold(deps, {
        credentialHash,
        holdId,
        input: { verdict: "approve", ...(input.verdict === undefined && { actionHash: HASH }), ...input },
        via: "api",
        idempotencyKey,
      }),
    read: (holdId: string) => getHold(database, org.adminHash, holdId),
    events: async (holdId: string) => {
      const events = (await database.call(
        "read_events_v1",
        org.orgId,
        "0",
        "",
        null,
        holdId,
        100,
      )) as EventRow[];
      return events.map(({ event }) => event.type);
    },
    policy: (document: PolicyInput) => storePolicy(database, org.orgId, document),
  };
}
export type Routes = Awaited<ReturnType<typeof seedRoutes>>;

interface EventRow {
  event: { type: string };
}

export async function asDefiner(database: Database, text: string, values: unknown[]): Promise<void> {
  await database.ownerSession(async (owner) => {
    await owner.query("begin");
    await owner.query("set local role hp_definer");
    try {
      await owner.query(text, values);
    } catch (error) {
      await owner.query("rollback");
      throw error;
    }
    await owner.query("commit");
  });
}

/** The code of the problem that `work` ends with, or the status of the hold that it gives. */
export async function outcomeOf(work: Promise<Hold>): Promise<string> {
  try {
    return (await work).status;
  } catch (error) {
    if (error instanceof Error && "code" in error) return String(error.code);
    throw error;
  }
}

async function seedPerson(
  database: Database,
  orgId: string,
  name: string,
  role: Role,
): Promise<SeededPerson> {
  const [id, key, sessionHash] = [
    createId("mem"),
    `hpo_${randomBytes(32).toString("base64url")}`,
    `session:${createId("ses")}`,
  ];
  const email = `${name}@${orgId}.example`;
  await asDefiner(
    database,
    `with m as (insert into holdpoint.members (org_id, id, user_id, name, email, role) values ($1, $2, $2, $3, $4, $5)),
      k as (insert into holdpoint.api_keys (org_id, id, hash, name, kind, member_id, scopes) values ($1, $6, $7, $3, 'operator', $2, '{}'))
      insert into holdpoint.member_sessions (hash, org_id, member_id, signed_in_at, expires_at)
        values ($8, $1, $2, holdpoint.hp_now(), holdpoint.hp_now() + interval '9 years')`,
    [orgId, id, name, email, role, createId("key"), hashOf(key), sessionHash],
  );
  return { id, email, key, keyHash: hashOf(key), sessionHash };
}

async function storePolicy(database: Database, orgId: string, document: PolicyInput): Promise<void> {
  await asDefiner(
    database,
    `with p as (insert into holdpoint.policies (org_id, version, revision) values ($1, 1, 1)
        on conflict (org_id) do update set version = policies.version + 1, revision = policies.revision + 1 returning version)
      insert into holdpoint.policy_versions (org_id, id, version, document, source, created_at)
        select $1, $2, version, $3, 'api', holdpoint.hp_now() from p`,
    [orgId, createId("evt"), JSON.stringify(policySchema.parse(document))],
  );
}

export async function revisionOf(database: Database, orgId: string): Promise<number | undefined> {
  return database.transaction(async (tx) => {
    await tx.query("select set_config('hp.org_id', $1, true)", [orgId]);
    const [policy] = await tx.query<{ revision: number | string }>("select revision from holdpoint.policies");
    return policy === undefined ? undefined : Number(policy.revision);
  });
}

async function ask(
  database: Database,
  org: SeededOrganisation,
  changes: Partial<Evaluation>,
  more: Partial<NewHold>,
): Promise<string> {
  const evaluation: Evaluation = {
    held: true,
    level: "mandatory_review",
    tier: "sync_gate",
    reasons: [{ rule: "test", text: "A test asks." }],
    rule: null,
    route: { role: "reviewer" },
    quorum: { required: 1, refusals: 1 },
    separation: "requester",
    strength: "L1",
    channels: [],
    reversibility: "irreversible",
    impact: null,
    value: null,
    timeoutSeconds: 3_600,
    respondSeconds: 3_600,
    remindEverySeconds: null,
    businessHours: false,
    onTimeout: "reject",
    sample: 0,
    mayGrant: false,
    ...changes,
  };
  const id = createId("hold");
  const action = { name: "refund", arguments: { order: 17 }, hash: HASH, toolHash: null, schema: null };
  const answer = (await database.call("create_hold_v1", {
    credentialHash: org.agentHash,
    policyRevision: await revisionOf(database, org.orgId),
    orgId: org.orgId,
    hold: newHoldRow({ id, kind: "approval", evaluation, agentId: "billing", action, ...more }),
    timeoutSeconds: evaluation.timeoutSeconds,
    respondSeconds: evaluation.respondSeconds,
    eventId: createId("evt"),
  })) as { code: string };
  if (answer.code !== "ok") throw new Error(`create_hold_v1 answered ${answer.code}`);
  return id;
}
