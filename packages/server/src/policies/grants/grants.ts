import {
  checkConditionTypes,
  conditionCompiler,
  ConditionError,
  pinnedCondition,
  type ToolFacts,
} from "@holdpoint/core";
import {
  createId,
  isId,
  type CreateGrant,
  type Grant,
  type GrantDetail,
  type listGrantsSchema,
} from "@holdpoint/protocol";
import type { z } from "zod";
import type { Database } from "../../database/database.ts";
import { getHold } from "../../holds/read-holds.ts";
import { commonRefusal } from "../../identity/common-refusal.ts";
import { ProblemError } from "../../problem.ts";
import { renderGrant, renderGrantUse, type GrantRow, type GrantUseRow } from "./grant-row.ts";

export interface GrantDeps {
  database: Database;
  tools: readonly ToolFacts[];
  /** Called when there is something new in an organisation's log. */
  changed(orgId: string): void;
}

interface Answer {
  code: string;
  needs?: string;
  status?: string;
  now: string;
  grant?: GrantRow;
  page?: GrantRow[];
  uses?: GrantUseRow[];
}

export interface CreateGrantRequest {
  credentialHash: string;
  body: CreateGrant;
  idempotency: { key: string; bodyHash: string } | undefined;
}

/**
 * Gives a standing permission: for a decision to stand, or for a tool. Afterwards the next evaluation anywhere knows it.
 * Throws `not_allowed` for who may not, `not_approved` for a hold that is not, `invalid_request` for a condition that is
 * none.
 */
export async function createGrant(deps: GrantDeps, request: CreateGrantRequest): Promise<Grant> {
  const { credentialHash, body, idempotency } = request;
  const terms =
    body.holdId === undefined
      ? {
          condition: body.condition ?? null,
          agentId: body.agentId ?? null,
          endUserId: body.endUserId ?? null,
        }
      : await termsOfHold(deps, credentialHash, body.holdId, body);
  checkCondition(deps, terms.tool ?? body.tool ?? "", terms.condition, body.condition != null);
  const answer = (await deps.database.callIdempotent("create_grant_v1", {
    credentialHash,
    id: createId("grt"),
    eventId: createId("evt"),
    holdId: body.holdId,
    tool: body.tool,
    ...terms,
    expiresInSeconds: body.expiresInSeconds,
    uses: body.uses,
    budget: body.budget,
    reason: body.reason,
    idempotencyKey: idempotency?.key,
    bodyHash: idempotency?.bodyHash,
  })) as Answer;
  return grantOf(deps, answer, body.holdId ?? "");
}

interface Terms {
  tool?: string;
  condition: string | null;
  agentId: string | null;
  endUserId: string | null;
}

/** What was shown, unless the person widens it: these arguments, this agent, this end user. */
async function termsOfHold(
  deps: GrantDeps,
  credentialHash: string,
  holdId: string,
  { condition, agentId, endUserId }: CreateGrant,
): Promise<Terms> {
  const hold = await getHold(deps.database, credentialHash, holdId);
  const about = {
    tool: hold.action?.name ?? "",
    agentId: agentId === undefined ? hold.agentId : agentId,
    endUserId: endUserId === undefined ? hold.endUserId : endUserId,
  };
  const isWidened =
    condition !== undefined || about.agentId !== hold.agentId || about.endUserId !== hold.endUserId;
  if (isWidened && hold.quorum.required > 1) {
    throw new ProblemError(
      "not_allowed",
      `${hold.quorum.required} people decide about this, so no one of them may let more than what was shown stand. Leave condition, agentId and endUserId out.`,
    );
  }
  if (condition !== undefined) return { ...about, condition };
  const args = hold.outcome?.arguments ?? hold.action?.arguments ?? {};
  const pinned = pinnedCondition(args);
  if (pinned === undefined)
    throw invalidCondition(
      "The arguments are too many to be pinned one by one: give the condition that says what is allowed.",
    );
  return { ...about, condition: pinned };
}

/** Before it is stored: what cannot be read would cover nothing, and nobody would know why. */
function checkCondition(
  { tools }: GrantDeps,
  toolName: string,
  condition: string | null,
  isGiven: boolean,
): void {
  if (condition === null) return;
  try {
    conditionCompiler()(condition);
    const schema = tools.find(({ name }) => name === toolName)?.argumentsSchema;
    if (schema !== undefined && isGiven) checkConditionTypes(condition, schema);
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    throw invalidCondition(error.message);
  }
}

function invalidCondition(message: string): ProblemError {
  return new ProblemError("invalid_request", `The condition cannot be used. ${message}`, {
    errors: [{ path: "condition", message }],
  });
}

export interface GrantPage {
  data: Grant[];
  nextCursor: string | null;
}

/** A page, newest first. For people. */
export async function listGrants(
  { database }: Pick<GrantDeps, "database">,
  credentialHash: string,
  query: z.output<typeof listGrantsSchema>,
): Promise<GrantPage> {
  const { cursor, active, ...more } = query;
  if (cursor !== undefined && !isId("grt", cursor))
    throw new ProblemError("invalid_request", "The cursor is not one that this list gave.", {
      errors: [{ path: "cursor", message: "is not one that this list gave" }],
    });
  const answer = (await database.callIdempotent("list_grants_v1", {
    credentialHash,
    ...more,
    ...(active !== undefined && { active: active === "true" }),
    afterId: cursor,
  })) as Answer;
  if (answer.code !== "ok" || answer.page === undefined) throw refusal(answer, "");
  const data = answer.page.slice(0, query.limit).map((row) => renderGrant(row, answer.now));
  return { data, nextCursor: answer.page.length > query.limit ? (data.at(-1)?.id ?? null) : null };
}

/** One with its uses. Throws `not_found`. */
export async function getGrant(
  { database }: Pick<GrantDeps, "database">,
  credentialHash: string,
  id: string,
): Promise<GrantDetail> {
  const answer = (await database.callIdempotent("list_grants_v1", { credentialHash, id })) as Answer;
  if (answer.code !== "ok") throw refusal(answer, id);
  const [row] = answer.page ?? [];
  if (row === undefined) throw refusal({ code: "grant_not_found", now: answer.now }, id);
  return { ...renderGrant(row, answer.now), recentUses: (answer.uses ?? []).map(renderGrantUse) };
}

/** From then on nothing proceeds by it, on no instance. Repeating it changes nothing. */
export async function revokeGrant(
  deps: Pick<GrantDeps, "database" | "changed">,
  credentialHash: string,
  id: string,
): Promise<Grant> {
  const answer = (await deps.database.callIdempotent("revoke_grant_v1", {
    credentialHash,
    id,
    eventId: createId("evt"),
  })) as Answer;
  return grantOf(deps, answer.code === "not_found" ? { ...answer, code: "grant_not_found" } : answer, id);
}

function grantOf(deps: Pick<GrantDeps, "changed">, answer: Answer, id: string): Grant {
  if (answer.code === "ok" && answer.grant !== undefined) deps.changed(answer.grant.org_id);
  if ((answer.code === "ok" || answer.code === "repeated") && answer.grant !== undefined)
    return renderGrant(answer.grant, answer.now);
  throw refusal(answer, id);
}

function refusal(answer: Answer, id: string): ProblemError {
  switch (answer.code) {
    case "not_found":
      return new ProblemError("not_found", `There is no hold ${id} here.`);
    case "grant_not_found":
      return new ProblemError("not_found", `There is no grant ${id} here.`);
    case "not_approved":
      return new ProblemError(
        "not_approved",
        `A decision stands once it is made: ${id} is ${answer.status ?? "not approved"}. Approve it first.`,
        { holdStatus: answer.status },
      );
    case "grant_not_offered":
      return new ProblemError(
        "not_allowed",
        `The policy lets no standing permission come of ${id}: the action is irreversible, or its rule says grants: "never". A rule with grants: "allowed" would.`,
        { needs: 'a rule with grants: "allowed"' },
      );
    case "not_strong_enough":
      return new ProblemError(
        "not_strong_enough",
        `To let the decision on ${id} stand takes what deciding took: a decision of strength ${answer.needs ?? "L2"}. Sign in again, then give the grant within five minutes.`,
        { needs: answer.needs },
      );
    default: {
      const common = commonRefusal(answer);
      if (common !== undefined) return common;
      throw new TypeError(`a function of grants answered with an unknown code: ${answer.code}`);
    }
  }
}
