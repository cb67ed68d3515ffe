/** How often a model is asked for one turn before the run fails. */
export const MAX_MODEL_ATTEMPTS = 6;

const FIRST_DELAY_SECONDS = 1;
const LONGEST_DELAY_SECONDS = 60;
/** What a server may ask us to wait; a run costs nothing meanwhile. */
const LONGEST_RETRY_AFTER_SECONDS = 3_600;

/** A failed model call, as the decision to ask again looks at it. */
export interface ModelFailure {
  message: string;
  isRetryable: boolean;
  statusCode: number | undefined;
  retryAfterSeconds: number | undefined;
}

const NETWORK_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_SOCKET",
]);

/** Reads an error of the AI SDK, of fetch or of anything else. Unknown errors are not retried. */
export function readModelFailure(error: unknown): ModelFailure {
  const known = (typeof error === "object" && error !== null ? error : {}) as {
    isRetryable?: unknown;
    statusCode?: unknown;
    responseHeaders?: Record<string, string>;
    name?: unknown;
  };
  return {
    message: error instanceof Error ? error.message : String(error),
    isRetryable: known.isRetryable === true || known.name === "TimeoutError" || isNetworkError(error),
    statusCode: typeof known.statusCode === "number" ? known.statusCode : undefined,
    retryAfterSeconds: readRetryAfter(known.responseHeaders ?? {}),
  };
}

/** Seconds until the next attempt: as the server asks, else 1, 2, 4 … 60 with up to a quarter more by `random` in [0, 1). */
export function backoffSeconds(attempt: number, failure: ModelFailure, random: number): number {
  if (failure.retryAfterSeconds !== undefined) return failure.retryAfterSeconds;
  const delay = Math.min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** (attempt - 1));
  return delay * (1 + random / 4);
}

function readRetryAfter(headers: Record<string, string>): number | undefined {
  const ms = Number(headers["retry-after-ms"]);
  if (headers["retry-after-ms"] !== undefined && Number.isFinite(ms)) return bounded(ms / 1000);
  const text = headers["retry-after"];
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(text.trim())) return bounded(Number(text));
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : bounded((at - Date.now()) / 1000);
}

function bounded(seconds: number): number {
  return Math.min(LONGEST_RETRY_AFTER_SECONDS, Math.max(0, seconds));
}

function isNetworkError(error: unknown): boolean {
  for (
    let cause: unknown = error, depth = 0;
    cause instanceof Error && depth < 5;
    cause = cause.cause, depth++
  ) {
    if ("code" in cause && NETWORK_CODES.has(String(cause.code))) return true;
    if (cause instanceof TypeError && cause.message === "fetch failed") return true;
  }
  return false;
}
