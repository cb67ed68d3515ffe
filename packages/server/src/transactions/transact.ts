import {
  actionHash,
  canonicalJson,
  createId,
  sha256Of,
  type Hold,
  type JsonObject,
} from "@holdpoint/protocol";
import { effectiveStatus } from "@holdpoint/core";
import type { Database } from "../database/database.ts";
import { CLAIM_LIFETIME_SECONDS } from "../holds/create-hold.ts";
import { renderHold, type HoldRow } from "../holds/hold-row.ts";
import { holdState } from "../holds/hold-state.ts";
import { invalidArguments } from "../holds/proposed-action.ts";
import { refusal, type HoldAnswer } from "../holds/refusal.ts";
import type { Principals } from "../identity/principal.ts";
import { whyNotEnough } from "../policies/asked-again.ts";
import type { GrantRow } from "../policies/grants/grant-row.ts";
import { OUTDATED } from "../policies/policy-store.ts";
import { underRuling, type PolicyDeps, type Ruling } from "../policies/ruling.ts";
import { ProblemError } from "../problem.ts";
import type { Begun } from "./carry-out.ts";
import { approvedPayload, isConfirming, uncoveredMembers } from "./coverage.ts";
import { renderExecution, type ExecutionRow, type Transaction } from "./execution.ts";
import { argumentsOf, ruleOnTransaction } from "./rule-on-transaction.ts";
import { STEP_MEMBERS, TRANSACTION_ACTION, type DefinedService } from "./service.ts";

export interface TransactDeps extends PolicyDeps {
  database: Database;
  published(orgId: string, hold: Hold): void;
  principals: Principals;
  findService(id: string): DefinedService | undefined;
  /** Carries out what was begun; resolves to how it ended. */
  carryOut(begun: Begun): Promise<ExecutionRow>;
}

export interface TransactRequest {
  credentialHash: string;
  serviceId: string;
  payload: JsonObject;
  /** Absent: a new transaction. */
  transactionId: string | undefined;
  /** The agent for which a key that is bound to none asks. */
  agentId: string | undefined;
  idempotencyKey: string | undefined;
}

/**
 * Carries out one step of a transaction: a payload of a service, once. Three round trips: what is known of it, its beginning,
 * its end.
 *
 * What the policy lets proceed is recorded and executed. What needs a person throws `approval_required`, until an approval of
 * this transaction and principal covers it, which is redeemed (I1, I8). The same request again is answered with what was
 * recorded (I2).
 */
export async function transact(deps: TransactDeps, request: TransactRequest): Promise<Transaction> {
  const step = await stepOf(deps, await confirmedRequest(deps, request));
  const known = await find(deps, request, step);
  if (known.code === "repeated") return renderExecution(known.execution, known.now);
  const withoutGrants = new Set<string>();
  const begun = await deps.policies.under(step.orgId, async (policy) => {
    // What this instance remembers decides nothing, not even that a person is needed.
    if (policy.revision < known.policyRevision) return OUTDATED;
    const ruling = await ruleOnTransaction(deps, policy, step, step.shown, withoutGrants);
    const approval = approvalFor(step, known.holds, ruling, known.now);
    const started = (await deps.database.callIdempotent("start_execution_v1", {
      credentialHash: request.credentialHash,
      orgId: step.orgId,
      execution: {
        id: createId("exe"),
        transactionId: step.transactionId,
        serviceId: step.service.id,
        requestHash: step.requestHash,
        agentId: step.agentId,
        lostAfterSeconds: step.service.timeoutSeconds + GRACE_SECONDS,
        idempotencyKey: request.idempotencyKey,
        bodyHash: step.bodyHash,
      },
      ...(approval === undefined
        ? { proceed: proceedCommand(request, step, ruling) }
        : { claim: claimCommand(request, approval, ruling) }),
    })) as StartAnswer;
    if (started.code === "policy_outdated") return OUTDATED;
    if (started.code === "grant_spent") {
      if (ruling.grantId !== null) withoutGrants.add(ruling.grantId);
      deps.permissions?.spent(step.orgId);
      return OUTDATED;
    }
    if (started.grant != null) deps.permissions?.used(step.orgId, started.grant);
    if (started.code === "ok" || started.code === "repeated") return started;
    if (approval !== undefined && LOST_APPROVAL.has(started.code)) {
      const why = refusal(started, approval.id, "carry out what is approved by").message;
      throw approvalRequired(step, ruling, known.holds, known.now, why);
    }
    if (started.code === "agent_paused")
      throw new ProblemError(
        "conflict",
        "An operator has paused this agent, or everything: nothing is carried out for it until that is lifted. Send this again then.",
      );
    throw refusal(started, approval?.id ?? "this", "carry out");
  });
  if (begun.code === "repeated") return renderExecution(begun.execution, begun.now);
  if (begun.hold != null) deps.published(step.orgId, renderHold(begun.hold, begun.now));
  const ended = await deps.carryOut({ ...step, execution: begun.execution });
  return renderExecution(ended, begun.now);
}

/** Beyond the service's own time: what it takes to record how it ended. */
const GRACE_SECONDS = 15;
/** What another request, a revocation or the clock did to an approval in the meantime. */
const LOST_APPROVAL = new Set([
  "already_redeemed",
  "entitlement_lost",
  "not_approved",
  "expired",
  "action_changed",
]);

type FindAnswer =
  | { code: "ok"; now: string; holds: HoldRow[]; policyRevision: number }
  | { code: "repeated"; now: string; execution: ExecutionRow };
type StartAnswer = HoldAnswer & { now: string; execution: ExecutionRow; grant?: GrantRow | null };

interface Step {
  orgId: string;
  agentId: string | undefined;
  service: DefinedService;
  transactionId: string;
  intent: string | null;
  /** As the service gets it. */
  payload: JsonObject;
  /** As it is ruled on, shown and compared: with what the agent means to do, without which transaction it is. */
  shown: JsonObject;
  requestHash: string;
  bodyHash: string | undefined;
}

/**
 * R117: who confirms a transaction without saying more means what was approved last in it, as its reviewer may have changed
 * it. Any other request is what it says. One round trip for a bare confirmation.
 */
async function confirmedRequest(deps: TransactDeps, request: TransactRequest): Promise<TransactRequest> {
  const { credentialHash, payload, transactionId } = request;
  const service = deps.findService(request.serviceId);
  const isBare = Object.keys(payload).every((name) => STEP_MEMBERS.includes(name));
  if (service === undefined || transactionId === undefined || !isBare) return request;
  if (!isConfirming(payload["intent"] ?? null)) return request;
  const { orgId } = await deps.principals.origin(credentialHash);
  const found = await findExecution(deps, { credentialHash, orgId, transactionId, requestHash: "" });
  if (found.code !== "ok") return request;
  const approved = found.holds.find((hold) => {
    const status = effectiveStatus(holdState(hold), found.now);
    const isYes = status === "approved" || status === "modified";
    return isYes && hold.outcome?.arguments?.["service_id"] === service.id;
  });
  const details = approved?.outcome?.arguments;
  if (details == null) return request;
  return { ...request, payload: { ...payload, ...approvedPayload(details, service) } };
}

async function stepOf(deps: TransactDeps, request: TransactRequest): Promise<Step> {
  const { orgId, agentId: own } = await deps.principals.origin(request.credentialHash);
  if (own !== undefined && request.agentId !== undefined && request.agentId !== own) {
    throw new ProblemError(
      "not_allowed",
      `This key belongs to agent ${own} and cannot transact for ${request.agentId}.`,
    );
  }
  const service = deps.findService(request.serviceId);
  if (service === undefined)
    throw new ProblemError(
      "not_found",
      `There is no service ${request.serviceId} in the config of this server.`,
    );
  const parsed = service.parsePayload(request.payload);
  if (!parsed.ok) throw invalidArguments(service.id, parsed.errors, "Nothing was carried out.");
  const { intent } = request.payload;
  // Or what confirms would pass for what does not.
  if (intent !== undefined && intent !== null && typeof intent !== "string") {
    throw new ProblemError("invalid_request", "The payload's intent is a word, such as confirm.", {
      errors: [{ path: "payload.intent", message: "must be text" }],
    });
  }
  const shown: JsonObject = { ...parsed.value, ...(intent !== undefined && { intent }) };
  delete shown["transaction_id"];
  const asked = { serviceId: service.id, payload: shown };
  return {
    orgId,
    agentId: own ?? request.agentId,
    service,
    transactionId: request.transactionId ?? createId("txn"),
    intent: typeof intent === "string" ? intent : null,
    payload: parsed.value,
    shown,
    requestHash: sha256Of(canonicalJson(asked)),
    bodyHash:
      request.idempotencyKey === undefined
        ? undefined
        : sha256Of(canonicalJson({ ...asked, transactionId: request.transactionId ?? null })),
  };
}

function find(deps: TransactDeps, request: TransactRequest, step: Step): Promise<FindAnswer> {
  return findExecution(deps, {
    credentialHash: request.credentialHash,
    orgId: step.orgId,
    transactionId: step.transactionId,
    requestHash: step.requestHash,
    idempotencyKey: request.idempotencyKey,
    bodyHash: step.bodyHash,
  });
}

async function findExecution(
  { database }: Pick<TransactDeps, "database">,
  asked: {
    credentialHash: string;
    orgId: string;
    transactionId: string;
    requestHash: string;
    idempotencyKey?: string | undefined;
    bodyHash?: string | undefined;
  },
): Promise<FindAnswer> {
  const answer = (await database.callIdempotent("find_execution_v1", {
    ...asked,
    actionName: TRANSACTION_ACTION,
  })) as FindAnswer | (HoldAnswer & { code: "unauthorized" });
  if (answer.code === "ok" || answer.code === "repeated") return answer;
  throw refusal(answer, "this", "carry out");
}

/**
 * The approval to redeem; undefined where none is needed. Throws `approval_required` where one is, and none will do: the policy
 * holds it, or it confirms what somebody was asked about (R117, R133).
 */
function approvalFor(
  step: Step,
  holds: readonly HoldRow[],
  ruling: Ruling,
  now: string,
): HoldRow | undefined {
  const isAsked = isConfirming(step.intent) && holds.some((hold) => isAbout(hold, step.service));
  if (!ruling.evaluation.held && !isAsked) return undefined;
  const good = holds.find((hold) => whyNot(step, hold, ruling, now) === undefined);
  if (good === undefined) throw approvalRequired(step, ruling, holds, now);
  return good;
}

function isAbout(hold: HoldRow, service: DefinedService): boolean {
  const named = hold.action?.arguments["service_id"];
  return named === undefined || named === service.id;
}

/** Why an approval does not let this step be carried out, in words. */
function whyNot(step: Step, hold: HoldRow, ruling: Ruling, now: string): string | undefined {
  if (hold.agent_id !== null && hold.agent_id !== (step.agentId ?? null))
    return "It was asked for by another agent.";
  const status = effectiveStatus(holdState(hold), now);
  if (status !== "approved" && status !== "modified") return `It is ${status}.`;
  if (hold.fulfilment !== "waiting" && hold.fulfilment !== "delivered") return "It was redeemed before.";
  const uncovered = uncoveredMembers(hold.outcome?.arguments ?? {}, {
    ...step,
    payload: step.shown,
  });
  if (uncovered.length > 0) return `Its details do not show, or show otherwise: ${uncovered.join(", ")}.`;
  return whyNotEnough(hold, ruling);
}

function approvalRequired(
  step: Step,
  ruling: Ruling,
  holds: readonly HoldRow[],
  now: string,
  lost?: string,
): ProblemError {
  const { service, transactionId, shown } = step;
  const reasons = ruling.evaluation.held ? ruling.evaluation.reasons.map(({ text }) => text) : [CONFIRMS];
  return new ProblemError(
    "approval_required",
    `${service.id} carries this out only with a person's approval: ${lost ?? reasons[0] ?? "it is held."} Ask for one of transaction ${transactionId}, with details that show the service and the payload; send this again once it is approved.`,
    {
      transactionId,
      reasons,
      approvals: holds.map((hold) => ({
        id: hold.id,
        status: effectiveStatus(holdState(hold), now),
        why: whyNot(step, hold, ruling, now) ?? lost ?? null,
      })),
      approvalDetails: argumentsOf(service, shown),
    },
  );
}

const CONFIRMS = "It confirms a transaction that a person was asked about.";

function claimCommand(request: TransactRequest, hold: HoldRow, ruling: Ruling): object {
  return {
    credentialHash: request.credentialHash,
    holdId: hold.id,
    actionHash: hold.outcome?.actionHash,
    claimId: createId("clm"),
    lifetimeSeconds: CLAIM_LIFETIME_SECONDS,
    eventId: createId("evt"),
    policyRevision: ruling.policyRevision,
    notEnough: whyNotEnough(hold, ruling),
  };
}

function proceedCommand(request: TransactRequest, step: Step, ruling: Ruling): object {
  const action = { name: TRANSACTION_ACTION, arguments: argumentsOf(step.service, step.shown) };
  return {
    credentialHash: request.credentialHash,
    orgId: step.orgId,
    action,
    actionHash: actionHash({
      orgId: step.orgId,
      tool: action.name,
      toolHash: null,
      arguments: action.arguments,
      agentId: step.agentId ?? null,
      runId: null,
      toolCallId: null,
    }),
    reasons: ruling.evaluation.reasons,
    ...underRuling(ruling),
    about: { agentId: step.agentId },
    claimId: createId("clm"),
    lifetimeSeconds: CLAIM_LIFETIME_SECONDS,
    eventId: createId("evt"),
  };
}
