import { isJsonObject, type Hold, type HoldDetail, type JsonValue } from "@holdpoint/protocol";
import { z } from "zod";
import { ProblemError } from "../problem.ts";
import type { DialectErrors } from "./dialect.ts";

/** An approval as that protocol has it. `id`: as it was asked for, where the client has chosen one. */
export function renderApproval(hold: Hold & Pick<HoldDetail, "decisions">, id: string = hold.id) {
  const { outcome } = hold;
  const status = statusOf(hold);
  const isDecided = status === "approved" || status === "rejected";
  const decision = hold.decisions.at(-1);
  return {
    approval_id: id,
    transaction_id: hold.transactionId,
    status,
    summary: hold.summary ?? hold.title,
    details: outcome?.arguments ?? hold.action?.arguments ?? {},
    decision: status === "approved" ? "approve" : status === "rejected" ? "reject" : null,
    approved_by: isDecided ? (outcome?.by.claimed ?? outcome?.by.name ?? null) : null,
    approved_at: isDecided ? hold.decidedAt : null,
    comments: isDecided ? (decision?.originalText ?? outcome?.comment ?? null) : null,
    created_at: hold.createdAt,
    expires_at: hold.expiresAt,
  };
}

/** What its clients wait for after a submission: still pending where more than one person has to say yes. */
export function renderSubmitted(hold: Hold, id: string) {
  const { status, approved_at } = renderApproval({ ...hold, decisions: [] });
  return { approval_id: id, status, approved_at };
}

/** Four words for eight; what nobody decided has lapsed. */
function statusOf({ status }: Hold): "pending" | "approved" | "rejected" | "expired" {
  switch (status) {
    case "pending":
      return "pending";
    case "approved":
    case "modified":
    case "answered":
      return "approved";
    case "rejected":
    case "skipped":
      return "rejected";
    default:
      return "expired";
  }
}

/** What was offered besides; as an approval of this dialect keeps it. */
export function alternativesOf({ details }: Hold): readonly JsonValue[] {
  const alternatives = isJsonObject(details) ? details["alternatives"] : undefined;
  return Array.isArray(alternatives) ? alternatives : [];
}

/** These clients have sent an id and no key. */
export function tellOfTaken(alias: string, error: unknown): unknown {
  if (!(error instanceof ProblemError) || error.problemCode !== "idempotency_mismatch") return error;
  return new ProblemError(
    "idempotency_mismatch",
    `There is an approval ${alias} already, for something else. Choose another approval_id.`,
    { cause: error },
  );
}

const PATHS = /^\/(api\/v1\/(approvals|a2a)|v1\/a2a)(\/|$)/;

/** `{error, code, details}`: what went wrong, one of seven words, and what the native API says besides. */
export const amorceErrors: DialectErrors = {
  owns: (path) => PATHS.test(path),
  render(problem, requestId) {
    const status = statusOfProblem(problem);
    const { transactionId, ...details } = problem.details ?? {};
    return {
      status,
      body: {
        error: problem.message,
        code: codeOf(status),
        ...(problem.problemCode === "approval_required" && { requires_hitl: true }),
        ...(transactionId !== undefined && { transaction_id: transactionId }),
        details: { reason: problem.problemCode, requestId, ...details },
      },
    };
  },
  schema: z.looseObject({ error: z.string(), code: z.string(), details: z.looseObject({}) }),
};

/** It knows neither 422 nor 410: what does not fit is 400, what is over or is there otherwise is 409. */
function statusOfProblem({ problemCode, status }: ProblemError): number {
  if (problemCode === "idempotency_mismatch" || status === 410) return 409;
  return status === 422 ? 400 : status;
}

function codeOf(status: number): string {
  switch (status) {
    case 401:
      return "UNAUTHORIZED";
    case 403:
      return "FORBIDDEN";
    case 404:
      return "NOT_FOUND";
    case 409:
      return "CONFLICT";
    case 429:
      return "RATE_LIMIT_EXCEEDED";
    default:
      return status >= 500 ? "INTERNAL_ERROR" : "BAD_REQUEST";
  }
}
