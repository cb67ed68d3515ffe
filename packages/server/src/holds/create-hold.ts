import {
  actionHash,
  canonicalJson,
  createId,
  sha256Of,
  type CreateHold,
  type Hold,
  type JsonObject,
  type JsonValue,
  type Reason,
} from "@holdpoint/protocol";
import type { Confirmation, Evaluation } from "@holdpoint/core";
import type { Database } from "../database/database.ts";
import { ProblemError } from "../problem.ts";
import { unauthorized, type CredentialOrigin, type Principals } from "../identity/principal.ts";
import { evaluateAction, evaluateQuestion } from "../policies/evaluate.ts";
import { renderHold } from "./hold-row.ts";
import { newHold, newHoldRow, type ColumnsOfNewHold, type NewHold } from "./new-hold.ts";
import { missing, questionOf, questionReasons, refuseWhatDoesNotBelong } from "./question-of-hold.ts";
import { refusal, type HoldAnswer } from "./refusal.ts";
import type { Misfit, SchemaCheck } from "./schema-check.ts";

/** What this operation needs to know of the tools of the config file. */
export interface ToolCatalogue {
  findTool(name: string): CataloguedTool | undefined;
}

export interface CataloguedTool {
  readonly name: string;
  readonly inputSchema: JsonObject;
  readonly toolHash: string;
  readonly reversibility?: NonNullable<Hold["action"]>["reversibility"] | undefined;
  readonly impact?: NonNullable<Hold["action"]>["impact"] | undefined;
  readonly confirmation:
    | { type: "absent" }
    | { type: "fixed"; confirmation: Confirmation }
    | { type: "function" };
  readonly timeoutSeconds: number | undefined;
  readonly onTimeout: CreateHold["onTimeout"];
  valueOf(args: JsonObject): number | undefined;
  /** The parsed value with its defaults, or every misfit. */
  parseArguments(value: JsonValue): { ok: true; value: JsonObject } | { ok: false; errors: Misfit[] };
}

export interface CreateHoldDeps {
  database: Database;
  principals: Principals;
  tools: ToolCatalogue;
  schemas: SchemaCheck;
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
    };

export interface CreateHoldRequest {
  credentialHash: string;
  body: CreateHold;
  idempotencyKey: string | undefined;
}

/** Proposes an action or a question. One round trip, after the first use of a credential. */
export async function createHold(deps: CreateHoldDeps, request: CreateHoldRequest): Promise<CreatedHold> {
  const origin = await deps.principals.origin(request.credentialHash);
  const { body } = request;
  refuseWhatDoesNotBelong(body);
  const bodyHash =
    request.idempotencyKey === undefined ? undefined : sha256Of(canonicalJson(body as unknown as JsonValue));
  const agentId = origin.agentId ?? body.agentId;
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
    const question = questionOf(deps.schemas, body);
    return storeHold(deps, request, origin, {
      ...common,
      question,
      evaluation: evaluateQuestion(body.kind, body, questionReasons(body)),
    });
  }
  const action = prepareAction(deps, body, origin, agentId);
  const evaluation = evaluateProposed(action, body);
  if (!evaluation.held && body.tier !== undefined && body.tier !== "automated") {
    // The asker wants a person: a stricter wish than the policy's is always granted.
    evaluation.held = true;
    evaluation.tier = body.tier;
    evaluation.reasons.push({ rule: "asked", text: "Whoever proposed the action asked for a person." });
  }
  if (!evaluation.held) return proceed(deps, request, action, evaluation, common);
  return storeHold(deps, request, origin, { ...common, action, evaluation });
}

/** What the config file says of a tool is not for its caller to soften; of any other action the caller says it all. */
function evaluateProposed(action: PreparedAction, body: CreateHold): Evaluation {
  const { tool } = action;
  const asked = { tier: body.tier, route: body.route, timeoutSeconds: body.timeoutSeconds };
  const facts = { name: action.name, arguments: action.arguments };
  if (tool === undefined) {
    const { reversibility, impact, value } = body.action ?? {};
    return evaluateAction({ ...facts, ...asked, reversibility, impact, value, onTimeout: body.onTimeout });
  }
  const { value, problem } = valueOf(tool, action.arguments);
  const onTimeout = body.onTimeout ?? tool.onTimeout;
  if (onTimeout === "approve" && tool.onTimeout !== "approve") {
    throw new ProblemError(
      "invalid_request",
      `onTimeout "approve" is not for the caller to ask for: ${tool.name} is declared with onTimeout "${tool.onTimeout ?? "reject"}".`,
      { errors: [{ path: "onTimeout", message: "releases what the tool's declaration does not" }] },
    );
  }
  const evaluation = evaluateAction({
    ...facts,
    ...asked,
    reversibility: tool.reversibility,
    impact: tool.impact ?? undefined,
    value: value ?? (isValueCompared(tool) ? undefined : body.action?.value),
    requiresConfirmation: problem === undefined ? confirmationOf(tool) : true,
    timeoutSeconds:
      onTimeout === "approve" ? tool.timeoutSeconds : (body.timeoutSeconds ?? tool.timeoutSeconds),
    onTimeout,
  });
  if (problem !== undefined) evaluation.reasons.push({ rule: "fail_closed", text: problem });
  return evaluation;
}

/** A function of the config file that fails holds the action (I10). */
function valueOf(tool: CataloguedTool, args: JsonObject): { value?: number | undefined; problem?: string } {
  try {
    return { value: tool.valueOf(args) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { problem: `${tool.name} is held because its value failed: ${reason}.` };
  }
}

/** Then a value that cannot be had is no smaller one that the caller names. */
function isValueCompared({ confirmation }: CataloguedTool): boolean {
  return (
    confirmation.type === "fixed" &&
    typeof confirmation.confirmation === "object" &&
    "threshold" in confirmation.confirmation
  );
}

interface PreparedAction {
  name: string;
  arguments: JsonObject;
  hash: string;
  toolHash: string | null;
  schema: JsonObject | null;
  tool: CataloguedTool | undefined;
}

/** Arguments are checked before anybody is asked (R234); what is hashed is the parsed value with its defaults. */
function prepareAction(
  deps: CreateHoldDeps,
  body: CreateHold,
  origin: CredentialOrigin,
  agentId: string | undefined,
): PreparedAction {
  if (body.action === undefined) {
    throw missing("action", "An approval needs the action that it is about: {name, arguments}.");
  }
  const { name } = body.action;
  const tool = deps.tools.findTool(name);
  let parsed = body.action.arguments;
  if (tool !== undefined) {
    const result = tool.parseArguments(parsed);
    if (!result.ok) throw invalidArguments(name, result.errors);
    parsed = result.value;
  }
  const toolHash = tool?.toolHash ?? null;
  const hash = actionHash({
    orgId: origin.orgId,
    tool: name,
    toolHash,
    arguments: parsed,
    agentId: agentId ?? null,
    runId: body.runId ?? null,
    toolCallId: null,
  });
  return { name, arguments: parsed, hash, toolHash, schema: tool?.inputSchema ?? null, tool };
}

/** A function of the config file wants a run's context, which is not there: such a call is held (I10). */
function confirmationOf(tool: CataloguedTool): Confirmation | undefined {
  if (tool.confirmation.type === "absent") return undefined;
  return tool.confirmation.type === "fixed" ? tool.confirmation.confirmation : true;
}

export function invalidArguments(
  name: string,
  misfits: readonly Misfit[],
  consequence = "Nobody was asked.",
): ProblemError {
  const first = misfits[0];
  return new ProblemError(
    "invalid_arguments",
    `The arguments of ${name} do not fit its schema: ${first?.path ?? ""} ${first?.message ?? ""}. ${consequence}`,
    {
      errors: misfits.map(({ path, message }) => ({
        path: path === "" ? "arguments" : `arguments.${path}`,
        message,
      })),
    },
  );
}

async function storeHold(
  deps: CreateHoldDeps,
  request: CreateHoldRequest,
  origin: CredentialOrigin,
  hold: NewHold,
): Promise<CreatedHold> {
  const row = newHoldRow(hold);
  const answer = (await deps.database.callIdempotent("create_hold_v1", {
    credentialHash: request.credentialHash,
    orgId: origin.orgId,
    hold: row,
    timeoutSeconds: hold.evaluation.timeoutSeconds,
    respondSeconds: hold.evaluation.respondSeconds,
    eventId: createId("evt"),
  })) as HoldAnswer & { now: string; set?: ColumnsOfNewHold };
  if (answer.code === "repeated" && answer.hold !== undefined) {
    return { type: "held", hold: renderHold(answer.hold, answer.now), isRepeated: true };
  }
  if (answer.code !== "ok" || answer.set === undefined) throw refusal(answer, "this", "create");
  const rendered = renderHold(newHold(row, answer.set), answer.now);
  deps.published(origin.orgId, rendered);
  return { type: "held", hold: rendered, isRepeated: false };
}

async function proceed(
  deps: CreateHoldDeps,
  request: CreateHoldRequest,
  action: PreparedAction,
  evaluation: Evaluation,
  about: Pick<NewHold, "agentId" | "runId" | "sessionId" | "endUserId" | "idempotencyKey" | "bodyHash">,
): Promise<CreatedHold> {
  const { orgId } = await deps.principals.origin(request.credentialHash);
  const answer = (await deps.database.callIdempotent("proceed_v1", {
    credentialHash: request.credentialHash,
    orgId,
    action: { name: action.name, arguments: action.arguments },
    actionHash: action.hash,
    reasons: evaluation.reasons,
    about: {
      runId: about.runId,
      sessionId: about.sessionId,
      endUserId: about.endUserId,
      agentId: about.agentId,
    },
    claimId: createId("clm"),
    lifetimeSeconds: CLAIM_LIFETIME_SECONDS,
    eventId: createId("evt"),
    idempotencyKey: about.idempotencyKey,
    bodyHash: about.bodyHash,
  })) as {
    code: string;
    needs?: string;
    claim?: { id: string; redeemed_by: string; redeemed_at: string; expires_at: string; reasons: Reason[] };
  };
  if ((answer.code !== "ok" && answer.code !== "repeated") || answer.claim === undefined) {
    if (answer.code === "unauthorized") throw unauthorized();
    throw refusal({ ...answer, hold: undefined }, "this", "create");
  }
  const claimed = { name: action.name, arguments: action.arguments, hash: action.hash };
  const claim = await deps.claims.issue({
    id: answer.claim.id,
    orgId,
    holdId: null,
    action: claimed,
    runId: about.runId ?? null,
    audience: answer.claim.redeemed_by,
    issuedAt: answer.claim.redeemed_at,
    expiresAt: answer.claim.expires_at,
  });
  return {
    type: "auto_proceeded",
    outcome: "auto_proceeded",
    claim,
    action: claimed,
    reasons: answer.claim.reasons,
  };
}
