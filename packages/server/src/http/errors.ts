import { HoldpointError, PROBLEMS, type ProblemCode } from "@holdpoint/protocol";
import { isConnectionLoss } from "../database/database-error.ts";
import { ProblemError } from "../problem.ts";

/** SQLSTATE classes that mean the store cannot serve: connection, resources, shutdown, disk, read-only, lock wait. */
const UNAVAILABLE = /^(08|53|57P|58|25006|55P03)/;
const SYSTEM_CODES = new Set(["ENOTFOUND", "EAI_AGAIN", "ENOSPC", "EDQUOT", "EIO"]);

/**
 * Any error as the problem it is told as; the one place that maps.
 *
 * The store being away is 503 (I10). A commit may have been made just before its connection was lost, so that is not
 * denied: the same request again, with its key, finds it made. Anything unforeseen is 500 and tells no internals.
 */
export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (HoldpointError.isInstance(error) && isProblemCode(error.code)) {
    return new ProblemError(error.code, error.message, { ...error.details, cause: error });
  }
  if (isStoreUnavailable(error)) {
    return new ProblemError(
      "unavailable",
      "The store does not answer just now. Repeat the request with the same Idempotency-Key: what was done already is not done again.",
      {
        headers: { "retry-after": "1" },
        cause: error,
      },
    );
  }
  return new ProblemError(
    "internal",
    "This is a defect of the server. It is in its log under this requestId.",
    { cause: error },
  );
}

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

function isStoreUnavailable(error: unknown): boolean {
  if (isConnectionLoss(error)) return true;
  // The database's own errors of that kind: no connection free, the embedded database died, its disk is full.
  if (HoldpointError.isInstance(error)) return error.status === 503;
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "string" && (UNAVAILABLE.test(code) || SYSTEM_CODES.has(code))) return true;
  return /timeout exceeded when trying to connect|ENOSPC|No space left/.test(error.message);
}
