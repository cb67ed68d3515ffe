import { HoldpointError, PROBLEMS, type ProblemCode } from "@holdpoint/protocol";
import { ProblemError } from "./problem.ts";

/** SQLSTATE classes that mean the store cannot serve: connection, resources, shutdown, disk. */
const UNAVAILABLE = /^(08|53|57P|58|25006|55P03)/;
const NETWORK_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "ENOSPC",
  "EIO",
]);

/**
 * Any error as the problem it is told as; the one place that maps.
 *
 * The store being away is 503 and nothing was done (I10). Anything unforeseen is 500 and tells no internals.
 */
export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (HoldpointError.isInstance(error) && isProblemCode(error.code)) {
    return new ProblemError(error.code, error.message, { ...error.details, cause: error });
  }
  if (isStoreUnavailable(error)) {
    return new ProblemError(
      "unavailable",
      "The store does not answer just now. Nothing was done; repeat the request with the same Idempotency-Key.",
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
  if (typeof error !== "object" || error === null) return false;
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "string" && (UNAVAILABLE.test(code) || NETWORK_CODES.has(code))) return true;
  const message = error instanceof Error ? error.message : "";
  return /Connection terminated|timeout exceeded when trying to connect|ENOSPC|No space left/.test(message);
}
