import { createHash } from "node:crypto";
import {
  canonicalJson,
  createId,
  sha256Of,
  type CreateHold,
  type Hold,
  type JsonObject,
  type JsonValue,
  type Reason,
} from "@holdpoint/protocol";
import type { Connections } from "../connections/connections.ts";
import type { Database } from "../database/database.ts";
import { ProblemError } from "../problem.ts";
import { unauthorized, type CredentialOrigin, type Principals } from "../identity/principal.ts";
import { evaluateQuestion } from "../policies/evaluate-question.ts";
import type { GrantRow } from "../policies/grants/grant-row.ts";
import { OUTDATED, type PolicyInForce } from "../policies/policy-store.ts";
import { underRuling, type PolicyDeps, type Ruling } from "../policies/ruling.ts";
import { renderHold } from "./hold-row.ts";
import { getHold } from "./read-holds.ts";
import { newHold, newHoldRow, type ColumnsOfNewHold, type NewHold } from "./new-hold.ts";
import {
  factsOfProposed,
  prepareAction,
  ruleOnProposed,
  type PreparedAction,
  type ToolCatalogue,
} from "./proposed-action.ts";
import { questionOf, questionReasons, refuseReminders, refuseWhatDoesNotBelong } from "./question-of-hold.ts";
import { refusal, type HoldAnswer } from "./refusal.ts";
import type { SchemaCheck } from "./schema-check.ts";

export interface CreateHoldDeps extends PolicyDeps {
  database: Database;
  principals: Principals;
  tools: ToolCatalogue;
  schemas: SchemaCheck;
  connections: Pick<Connections, "questionFor" | "settleCovered">;
  /** Signs the claim of an action that may run by itself. */
  claims: { issue(claim: IssuedClaim): Promise<string> };
  published(orgId: string, hold: Hold): void;
}

export interface IssuedClaim {
  id: string;
  orgId: string;
  holdId: string | null;
  action: { name: string; arguments: JsonObject; hash: string };
  runId: string | null;
  /** Who may use it: the principal that asked. */
  audience: string;
  issuedAt: string;
  expiresAt: string;
}

/** How long a claim may be redeemed elsewhere, in seconds (security.md: at most five minutes). */
export const CLAIM_LIFETIME_SECONDS = 300;

export type CreatedHold =
  | { type: "held"; hold: Hold; isRepeated: boolean }
  | {
      type: "auto_proceeded";
      outcome: "auto_proceeded";
      claim: string;
      action: IssuedClaim["action"];
      reasons: Reason[];
      /** It was let through before: for another attempt, where the request names its own. */
      repeated: boolean;
    };

export interface CreateHoldRequest {
  credentialHash: string;
  body: CreateHold;
  /** Of a request, printable and without spaces; a dialect's own keys have a space, so that no request has them too. */
  idempotencyKey: string | undefined;
  /** How the policy is asked, by who knows more of the action than what was sent. Default: about what was sent. */
  ruleUnder?:
    | ((policy: PolicyInForce, about: { orgId: string; agentId: string | undefined }) => Promise<Ruling>)
    | undefined;
  /** Names the caller's attempt, so that it can tell its own claim, repeated, from that of an earlier process (I2). */
  attempt?: string | undefined;
}

/**
 * Proposes an action or a question. One round trip, after the first use of a credential; another where a run that lives
 * elsewhere asks without saying as which agent.
 */
export async function createHold(deps: CreateHoldDeps, request: CreateHoldRequest): Promise<CreatedHold> {
  const origin = await deps.principals.origin(request.credentialHash);
  const { body } = request;
  refuseWhatDoesNotBelong(body);
  refuseReminders(body);
  const bodyHash =
    request.idempotencyKey === undefined ? undefined : sha256Of(canonicalJson(body as unknown as JsonValue));
  const agentId = origin.agentId ?? body.agentId ?? (await agentOfRun(deps, origin.orgId, body.runId));
  if (origin.agentId !== undefined && body.agentId !== undefined && body.agentId !== origin.agentId) {
    throw new ProblemError(
      "not_allowed",
      `This key belongs to agent ${origin.agentId} and cannot ask for ${body.agentId}.`,
    );
  }
  const common = {
    id: createId("hold"),
    kind: body.kind,
    title: body.title,
    summary: body.summary,
    details: body.details,
    evidence: body.evidence,
    agentId,
    runId: body.runId,
    sessionId: body.sessionId,
    endUserId: body.endUserId,
    transactionId: body.transactionId,
    metadata: body.metadata,
    idempotencyKey: request.idempotencyKey,
    bodyHash,
  } as const;
  if (body.kind !== "approval") {
    const question = questionOf(deps, body);
    const evaluation = evaluateQuestion(body.kind, body, questionReasons(body));
    const stored = await storeHold(deps, request, origin, { ...common, question, evaluation });
    if (stored === OUTDATED) throw new TypeError("no policy was asked about a question");
    return body.kind === "authorization" ? settledByConnection(deps, request, origin.orgId, stored) : stored;
  }
  const action = prepareAction(deps, {
    action: body.action,
    runId: body.runId,
    orgId: origin.orgId,
    agentId,
  });
  const about = { orgId: origin.orgId, agentId };
  const subject = { orgId: origin.orgId, ...factsOfProposed(deps, action, body, agentId) };
  // The database refuses what was evaluated under a policy that is in force no more; then it is evaluated anew.
  const withoutGrants = new Set<string>();
  return deps.policies.under(origin.orgId, async (policy) => {
    const ruling =
      request.ruleUnder === undefined
        ? await ruleOnProposed(deps, policy, { ...subject, withoutGrants }, body)
        : await request.ruleUnder(policy, about);
    const ruled = {
      ...common,
      evaluation: ruling.evaluation,
      policyVersion: ruling.policyVersion,
      facts: ruling.facts,
    };
    if (ruling.evaluation.held) return storeHold(deps, request, origin, { ...ruled, action }, ruling);
    const proceeded = await proceed(deps, request, action, ruling, common);
    if (proceeded !== GRANT_SPENT) return proceeded;
    // Somebody else took what was left of it: asked anew, without it.
    if (ruling.grantId !== null) withoutGrants.add(ruling.grantId);
    deps.permissions?.spent(origin.orgId);
    return OUTDATED;
  });
}

/** What holds an agent holds all that its runs ask for, however the request names them. */
async function agentOfRun(
  { database }: CreateHoldDeps,
  orgId: string,
  runId: string | undefined,
): Promise<string | undefined> {
  if (runId === undefined) return undefined;
  return ((await database.callIdempotent("agent_of_run_v1", orgId, runId)) as string | null) ?? undefined;
}

/** A sign-in that is there already answers it at once: the hold is created, and resolved by "readiness". */
async function settledByConnection(
  deps: CreateHoldDeps,
  request: CreateHoldRequest,
  orgId: string,
  created: CreatedHold,
): Promise<CreatedHold> {
  if (created.type !== "held" || created.hold.status !== "pending") return created;
  const { endUserId, provider } = request.body;
  if (endUserId === undefined || provider === undefined) return created;
  const settled = await deps.connections.settleCovered({ orgId, endUserId, provider });
  if (!settled.includes(created.hold.id)) return created;
  const {
    decisions: _d,
    deliveries: _s,
    deferredAt: _a,
    ...hold
  } = await getHold(deps.database, request.credentialHash, created.hold.id);
  return { ...created, hold };
}

async function storeHold(
  deps: CreateHoldDeps,
  request: CreateHoldRequest,
  origin: CredentialOrigin,
  hold: NewHold,
  ruling?: Ruling,
): Promise<CreatedHold | typeof OUTDATED> {
  const row = newHoldRow(hold);
  const command = {
    credentialHash: request.credentialHash,
    orgId: origin.orgId,
    hold: row,
    timeoutSeconds: hold.evaluation.timeoutSeconds,
    respondSeconds: hold.evaluation.respondSeconds,
    eventId: createId("evt"),
    ...(hold.runId !== undefined && { runEventId: createId("evt") }),
    policyRevision: ruling?.policyRevision,
    shadow: ruling?.shadow,
  };
  // A session or end user that is new, or a run elsewhere, is locked until the commit, which in a group others could wait for
  // in a circle.
  const isAlone = hold.sessionId !== undefined || hold.endUserId !== undefined || hold.runId !== undefined;
  const answer = (await (isAlone
    ? deps.database.callIdempotent("create_hold_v1", command)
    : deps.database.callGrouped("create_hold_v1", command, request.idempotencyKey ?? ""))) as HoldAnswer & {
    now: string;
    set?: ColumnsOfNewHold;
    claim?: ClaimRow;
  };
  if (answer.code === "policy_outdated") return OUTDATED;
  if (answer.code === "repeated" && answer.claim !== undefined && hold.action !== undefined)
    return letThrough(deps, origin.orgId, hold, hold.action, answer.claim, request.attempt);
  if (answer.code === "repeated" && answer.hold !== undefined) {
    return { type: "held", hold: renderHold(answer.hold, answer.now), isRepeated: true };
  }
  if (answer.code !== "ok" || answer.set === undefined) throw refusal(answer, "this", "create");
  const rendered = renderHold(newHold(row, answer.set), answer.now);
  deps.published(origin.orgId, rendered);
  return { type: "held", hold: rendered, isRepeated: false };
}

const GRANT_SPENT = Symbol("the grant is spent");

interface ClaimRow {
  id: string;
  redeemed_by: string;
  redeemed_at: string;
  expires_at: string;
  reasons: Reason[];
}

async function proceed(
  deps: CreateHoldDeps,
  request: CreateHoldRequest,
  action: PreparedAction,
  ruling: Ruling,
  about: Pick<NewHold, "agentId" | "runId" | "sessionId" | "endUserId" | "idempotencyKey" | "bodyHash">,
): Promise<CreatedHold | typeof OUTDATED | typeof GRANT_SPENT> {
  const { orgId } = await deps.principals.origin(request.credentialHash);
  const answer = (await deps.database.callIdempotent("proceed_v1", {
    credentialHash: request.credentialHash,
    orgId,
    action: { name: action.name, arguments: action.arguments },
    actionHash: action.hash,
    reasons: ruling.evaluation.reasons,
    ...underRuling(ruling),
    about: {
      runId: about.runId,
      sessionId: about.sessionId,
      endUserId: about.endUserId,
      agentId: about.agentId,
    },
    claimId: request.attempt === undefined ? createId("clm") : claimIdOf(request.attempt),
    lifetimeSeconds: CLAIM_LIFETIME_SECONDS,
    eventId: createId("evt"),
    idempotencyKey: about.idempotencyKey,
    bodyHash: about.bodyHash,
  })) as HoldAnswer & { now: string; claim?: ClaimRow; grant?: GrantRow | null };
  if (answer.code === "policy_outdated") return OUTDATED;
  if (answer.code === "grant_spent") return GRANT_SPENT;
  if (answer.grant != null) deps.permissions?.used(orgId, answer.grant);
  if (answer.code === "repeated" && answer.hold !== undefined)
    return { type: "held", hold: renderHold(answer.hold, answer.now), isRepeated: true };
  if ((answer.code !== "ok" && answer.code !== "repeated") || answer.claim === undefined) {
    if (answer.code === "unauthorized") throw unauthorized();
    throw refusal({ ...answer, hold: undefined }, "this", "create");
  }
  return letThrough(deps, orgId, about, action, answer.claim, request.attempt, answer.code === "repeated");
}

/** The same for the same attempt: a claim that carries it is that attempt's own. */
function claimIdOf(attempt: string): string {
  return createId("clm", {
    now: 0,
    random: () => createHash("sha256").update(attempt).digest().subarray(0, 16),
  });
}

async function letThrough(
  deps: CreateHoldDeps,
  orgId: string,
  { runId }: Pick<NewHold, "runId">,
  action: { name: string; arguments: JsonObject; hash: string },
  row: ClaimRow,
  attempt: string | undefined,
  wasThere = true,
): Promise<CreatedHold> {
  const claimed = { name: action.name, arguments: action.arguments, hash: action.hash };
  const claim = await deps.claims.issue({
    id: row.id,
    orgId,
    holdId: null,
    action: claimed,
    runId: runId ?? null,
    audience: row.redeemed_by,
    issuedAt: row.redeemed_at,
    expiresAt: row.expires_at,
  });
  const repeated = attempt === undefined ? wasThere : row.id !== claimIdOf(attempt);
  return {
    type: "auto_proceeded",
    outcome: "auto_proceeded",
    claim,
    action: claimed,
    reasons: row.reasons,
    repeated,
  };
}
