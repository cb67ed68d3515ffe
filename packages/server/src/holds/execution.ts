import type { PolicyFacts } from "@holdpoint/core";
import { createId, type Hold, type JsonValue } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import { whyNotEnough } from "../policies/asked-again.ts";
import { OUTDATED } from "../policies/policy-store.ts";
import { factsOfHold } from "../policies/reevaluation.ts";
import { ruleOn, type PolicyDeps } from "../policies/ruling.ts";
import { recalledProblem } from "../policies/stored-facts.ts";
import { CLAIM_LIFETIME_SECONDS, type IssuedClaim } from "./create-hold.ts";
import { renderHold, type HoldRow } from "./hold-row.ts";
import { refusal, type HoldAnswer } from "./refusal.ts";

export interface ExecutionDeps {
  database: Database;
  claims: { issue(claim: IssuedClaim): Promise<string> };
  published(orgId: string, hold: Hold): void;
}

/** The Idempotency-Key of a request, with a hash of what was asked. */
export interface RequestKey {
  key: string;
  bodyHash: string;
}

export interface ClaimedExecution {
  /** A signed, short-lived proof that exactly this action may be executed once. */
  claim: string;
  action: IssuedClaim["action"];
  expiresAt: string;
}

/** Redeems an approval, once (I1, I2): afterwards its action is executing, and nobody can redeem it again. */
export async function claimExecution(
  deps: ExecutionDeps & PolicyDeps,
  request: {
    credentialHash: string;
    holdId: string;
    actionHash: string | undefined;
    /** With it the same claim is given again to an agent that did not hear the answer. */
    idempotency?: RequestKey | undefined;
  },
): Promise<ClaimedExecution> {
  const { idempotency, ...asked } = request;
  const command = {
    ...asked,
    claimId: createId("clm"),
    lifetimeSeconds: CLAIM_LIFETIME_SECONDS,
    eventId: createId("evt"),
    idempotencyKey: idempotency?.key,
    bodyHash: idempotency?.bodyHash,
  };
  const claim = async (more: object): Promise<ClaimAnswer> =>
    (await deps.database.callIdempotent("claim_v1", { ...command, ...more })) as ClaimAnswer;
  let answer = await claim({});
  const approved = answer.hold;
  if (answer.code === "policy_outdated" && approved !== undefined) {
    // I8: the policy was changed since it was asked about this; what it says now is asked of these bytes.
    answer = await deps.policies.under(approved.org_id, async (policy) => {
      // A standing permission is no part of this approval, and no use of one is taken.
      const ruling = await ruleOn({ ...deps, permissions: undefined }, policy, {
        orgId: approved.org_id,
        facts: factsOfApproved(approved, deps.policies.now()),
        problem: recalledProblem(approved.facts),
      });
      const notEnough = whyNotEnough(approved, ruling);
      const answered = await claim({ policyRevision: policy.revision, notEnough });
      return answered.code === "policy_outdated" ? OUTDATED : answered;
    });
  }
  const { hold } = answer;
  if (
    answer.code !== "ok" ||
    hold?.action == null ||
    hold.outcome?.arguments == null ||
    hold.outcome.actionHash === null
  ) {
    throw refusal(answer, request.holdId, "claim");
  }
  const action = { name: hold.action.name, arguments: hold.outcome.arguments, hash: hold.outcome.actionHash };
  const signed = await deps.claims.issue({
    id: answer.claimId,
    orgId: hold.org_id,
    holdId: hold.id,
    action,
    runId: hold.run_id,
    audience: hold.requester,
    issuedAt: answer.issuedAt,
    expiresAt: answer.expiresAt,
  });
  deps.published(hold.org_id, renderHold(hold, answer.now));
  return { claim: signed, action, expiresAt: answer.expiresAt };
}

type ClaimAnswer = HoldAnswer & { claimId: string; now: string; issuedAt: string; expiresAt: string };

/** What would be executed: the approved arguments, which may be others than those that were proposed. */
function factsOfApproved(hold: HoldRow, now: string): PolicyFacts {
  const facts = factsOfHold(hold, now);
  return {
    ...facts,
    action: { ...facts.action, arguments: hold.outcome?.arguments ?? facts.action.arguments },
  };
}

/** How a claimed execution has ended. The same report again is the same report. */
export async function reportExecution(
  deps: ExecutionDeps,
  request: {
    credentialHash: string;
    holdId: string;
    status: "succeeded" | "failed";
    result?: JsonValue | undefined;
    error?: JsonValue | undefined;
    idempotency?: RequestKey | undefined;
  },
): Promise<Hold> {
  const { credentialHash, holdId, status, result, error, idempotency } = request;
  const answer = (await deps.database.callIdempotent("report_execution_v1", {
    credentialHash,
    holdId,
    status,
    execution: { status, ...(result !== undefined && { result }), ...(error !== undefined && { error }) },
    eventId: createId("evt"),
    idempotencyKey: idempotency?.key,
    bodyHash: idempotency?.bodyHash,
  })) as HoldAnswer & { now: string };
  if ((answer.code !== "ok" && answer.code !== "repeated") || answer.hold === undefined)
    throw refusal(answer, holdId, "report on");
  const hold = renderHold(answer.hold, answer.now);
  if (answer.code === "ok") deps.published(hold.orgId, hold);
  return hold;
}

/** Withdraws a pending hold. Withdrawing it again changes nothing. */
export async function cancelHold(
  deps: Pick<ExecutionDeps, "database" | "published">,
  request: {
    credentialHash: string;
    holdId: string;
    reason: string | undefined;
    via: string;
    idempotency?: RequestKey | undefined;
  },
): Promise<Hold> {
  const { idempotency, ...command } = request;
  const answer = (await deps.database.callIdempotent("cancel_hold_v1", {
    ...command,
    idempotencyKey: idempotency?.key,
    bodyHash: idempotency?.bodyHash,
    eventId: createId("evt"),
    timeoutEventId: createId("evt"),
  })) as HoldAnswer & {
    now: string;
  };
  if ((answer.code !== "ok" && answer.code !== "repeated") || answer.hold === undefined)
    throw refusal(answer, request.holdId, "cancel");
  const hold = renderHold(answer.hold, answer.now);
  if (answer.code === "ok") deps.published(hold.orgId, hold);
  return hold;
}
