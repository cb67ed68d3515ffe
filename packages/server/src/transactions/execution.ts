import type { JsonObject, JsonValue } from "@holdpoint/protocol";
import { ProblemError } from "../problem.ts";

/** A row of holdpoint.executions. */
export interface ExecutionRow {
  org_id: string;
  id: string;
  transaction_id: string;
  service_id: string;
  agent_id: string | null;
  hold_id: string | null;
  status: "executing" | "executed" | "failed" | "unknown";
  result: JsonValue;
  error: JsonObject | null;
  lost_after: string;
}

/** What came of a payload of a service. */
export interface Transaction {
  transactionId: string;
  status: "executed" | "failed";
  result: JsonValue;
  error: { code: string; message: string } | null;
}

/** Throws `in_progress` and `execution_unknown`: neither says that it was done, and neither lets it be done again. */
export function renderExecution(row: ExecutionRow, now: string): Transaction {
  const { transaction_id: transactionId, status } = row;
  // Past its time it is unknown, whether or not anybody has looked since.
  const isLost =
    status === "unknown" || (status === "executing" && Date.parse(row.lost_after) <= Date.parse(now));
  if (isLost) {
    throw new ProblemError(
      "execution_unknown",
      `Nobody knows whether ${row.service_id} carried out this step of transaction ${transactionId}: it broke off before its end was recorded. It is not carried out again. Look at the service itself.`,
      { transactionId, holdId: row.hold_id },
    );
  }
  if (status === "executing") {
    throw new ProblemError(
      "in_progress",
      `${row.service_id} is carrying out this step of transaction ${transactionId}. Ask again for its result.`,
      { transactionId, headers: { "retry-after": "1" } },
    );
  }
  return {
    transactionId,
    status: status === "failed" ? "failed" : "executed",
    result: row.result,
    error: errorOf(row),
  };
}

function errorOf({ status, error }: ExecutionRow): Transaction["error"] {
  if (status !== "failed") return null;
  const { code, message } = error ?? {};
  return {
    code: typeof code === "string" ? code : "service_failed",
    message: typeof message === "string" ? message : "It failed without saying why.",
  };
}
