import {
  createId,
  type JsonObject,
  type PolicyInForce as PolicyAnswer,
  type PolicyVersion,
  type PolicyVersionSummary,
  type putPolicySchema,
} from "@holdpoint/protocol";
import type { z } from "zod";
import type { Database } from "../database/database.ts";
import { renderInstant } from "../database/instant.ts";
import { notAllowed, unauthorized } from "../identity/principal.ts";
import { commonRefusal } from "../identity/common-refusal.ts";
import { ProblemError } from "../problem.ts";
import { checkDocument, requireUsable, type PolicyCatalogue } from "./check-document.ts";
import { changesBetween } from "./policy-changes.ts";
import type { PolicyStore } from "./policy-store.ts";

export interface EditPolicyDeps {
  database: Database;
  policies: PolicyStore;
  catalogue: PolicyCatalogue;
  /** Told after a version came into force, or beside. */
  changed(orgId: string): void;
}

interface VersionRow {
  version: number;
  document: JsonObject;
  source: "config" | "api";
  comment: string | null;
  created_at: string;
  created_by: string | null;
  created_by_name: string | null;
}

interface Answer {
  code: string;
  needs?: string;
  orgId?: string;
  version?: VersionRow | null;
  inForce?: number;
  shadow?: number | null;
}

export interface PutPolicyRequest {
  credentialHash: string;
  body: z.output<typeof putPolicySchema>;
  idempotency: { key: string; bodyHash: string } | undefined;
}

const MAX_ATTEMPTS = 5;

/**
 * Makes a document the next version: in force, or beside what is. Afterwards the next evaluation anywhere is by it.
 *
 * Throws every mistake of the document, `conflict` with the current version when somebody else changed it first, and
 * `not_allowed` for whoever is neither admin nor operator.
 */
export async function putPolicy(deps: EditPolicyDeps, request: PutPolicyRequest): Promise<PolicyVersion> {
  const { credentialHash, body, idempotency } = request;
  const { orgId } = await requireEditor(deps, credentialHash);
  // With its defaults, so that whoever reads a version reads all of it.
  const catalogue = await catalogueOf(deps, orgId);
  const document = requireUsable(body.document, catalogue) as unknown as JsonObject;
  const id = createId("pol");
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const before = await deps.policies.get(orgId);
    const answer = (await deps.database.callIdempotent("put_policy_v1", {
      credentialHash,
      id,
      eventId: createId("evt"),
      baseVersion: body.expectedVersion ?? before.version,
      document,
      source: "api",
      comment: body.comment,
      mode: body.mode,
      changes: changesBetween(before.document, document),
      idempotencyKey: idempotency?.key,
      bodyHash: idempotency?.bodyHash,
    })) as Answer;
    if (answer.code === "ok" || answer.code === "repeated") {
      await deps.policies.forget(orgId, before.revision);
      if (answer.code === "ok") deps.changed(orgId);
      if (answer.version != null) return renderVersion(answer.version);
    }
    if (answer.code !== "version_conflict") throw refusal(answer);
    // What this instance remembers may be old; what the editor says it was made from is not.
    await deps.policies.forget(orgId, before.revision);
    if (body.expectedVersion !== undefined) throw conflict(answer.inForce ?? 0, body.expectedVersion);
  }
  throw new ProblemError("unavailable", "The policy was changed several times meanwhile. Send it again.");
}

/** Before the document is looked at: its mistakes are told to those only who may mend them. */
async function requireEditor(
  { database }: EditPolicyDeps,
  credentialHash: string,
): Promise<{ orgId: string }> {
  const row = (await database.callIdempotent("whoami_v1", credentialHash)) as {
    org_id: string;
    kind: string;
    role: string | null;
  } | null;
  if (row === null) throw unauthorized();
  if (!["session", "operator"].includes(row.kind) || !["admin", "operator"].includes(row.role ?? ""))
    throw notAllowed("role admin or operator");
  return { orgId: row.org_id };
}

const MAX_MEMBERS = 10_000;
/** There are no more: create_agent_v1. */
const MAX_AGENTS = 1_000;

/** With the people of the organisation and the agents that it has made, so that whoever is not there is found. */
export async function catalogueOf(
  { database, catalogue }: Pick<EditPolicyDeps, "database" | "catalogue">,
  orgId: string,
): Promise<PolicyCatalogue> {
  const [people, made] = await database.transaction(async (tx) => {
    await tx.query("select set_config('hp.org_id', $1, true)", [orgId]);
    return [
      await tx.query<{ id: string; email: string }>(
        "select id, email from holdpoint.members where org_id = $1 and removed_at is null order by id limit $2",
        [orgId, MAX_MEMBERS],
      ),
      await tx.query<{ id: string }>(
        "select id from holdpoint.agents where org_id = $1 and deleted_at is null order by id limit $2",
        [orgId, MAX_AGENTS],
      ),
    ];
  });
  const known = { ...catalogue, agents: [...catalogue.agents, ...made.map(({ id }) => id)] };
  // Of an organisation so large not all are known: then nobody is called unknown.
  if (people.length >= MAX_MEMBERS) return known;
  return { ...known, members: people.flatMap(({ id, email }) => [id, email]) };
}

/** What is in force, with what is to be said about it. Version 0 is the empty policy. */
export async function getPolicy(deps: EditPolicyDeps, credentialHash: string): Promise<PolicyAnswer> {
  const answer = (await deps.database.callIdempotent("get_policy_v1", { credentialHash })) as Answer;
  if (answer.code !== "ok") throw refusal(answer);
  const version =
    answer.version == null
      ? {
          version: 0,
          document: {},
          source: "none" as const,
          comment: null,
          createdAt: null,
          createdBy: null,
        }
      : renderVersion(answer.version);
  const catalogue = await catalogueOf(deps, answer.orgId ?? "");
  const { findings } = checkDocument(version.document, catalogue);
  return { ...version, findings, shadowVersion: answer.shadow ?? null };
}

export async function getPolicyVersion(
  deps: EditPolicyDeps,
  credentialHash: string,
  version: number,
): Promise<PolicyVersion> {
  const answer = (await deps.database.callIdempotent("get_policy_v1", {
    credentialHash,
    version,
  })) as Answer;
  if (answer.code === "not_found" || answer.version === null)
    throw new ProblemError("not_found", `There is no version ${version} of the policy here.`);
  if (answer.code !== "ok" || answer.version === undefined) throw refusal(answer);
  return renderVersion(answer.version);
}

export interface VersionPage {
  data: PolicyVersionSummary[];
  nextCursor: string | null;
}

/** A page of versions without their documents, newest first. */
export async function listPolicyVersions(
  deps: Pick<EditPolicyDeps, "database">,
  credentialHash: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<VersionPage> {
  const belowVersion = cursor === undefined ? undefined : parseVersion(cursor, "cursor");
  const answer = (await deps.database.callIdempotent("list_policies_v1", {
    credentialHash,
    limit,
    belowVersion,
  })) as Answer & { page?: Omit<VersionRow, "document">[] };
  if (answer.code !== "ok" || answer.page === undefined) throw refusal(answer);
  const data = answer.page.slice(0, limit).map(renderSummary);
  const last = data.at(-1);
  return {
    data,
    nextCursor: answer.page.length > limit && last !== undefined ? String(last.version) : null,
  };
}

/** Of a path or a cursor. */
export function parseVersion(text: string, path: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  const message = "is no version: it is a number, 1 or more";
  throw new ProblemError("invalid_request", `"${text.slice(0, 50)}" ${message}.`, {
    errors: [{ path, message }],
  });
}

function renderSummary(row: Omit<VersionRow, "document">): PolicyVersionSummary {
  return {
    version: row.version,
    source: row.source,
    comment: row.comment,
    createdAt: renderInstant(row.created_at),
    createdBy: row.created_by_name ?? row.created_by,
  };
}

function renderVersion(row: VersionRow): PolicyVersion {
  return { ...renderSummary(row), document: row.document };
}

function conflict(current: number, expected: number): ProblemError {
  return new ProblemError(
    "conflict",
    `The policy is at version ${current} by now, and this change was made from version ${expected}. Read the policy again, make the change anew, and send it with expectedVersion ${current}.`,
    { currentVersion: current, expectedVersion: expected },
  );
}

function refusal(answer: Answer): ProblemError {
  switch (answer.code) {
    default: {
      const common = commonRefusal(answer);
      if (common !== undefined) return common;
      throw new TypeError(`the policy's function answered with an unknown code: ${answer.code}`);
    }
  }
}
