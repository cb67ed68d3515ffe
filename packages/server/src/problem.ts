import { HoldpointError, PROBLEMS, type Problem, type ProblemCode } from "@holdpoint/protocol";

export interface ProblemOptions {
  /** Where and what, for a request that does not fit its schema. */
  errors?: { path: string; message: string }[];
  headers?: Record<string, string>;
  cause?: unknown;
  /** Further members of the problem document, for example the winner of a lost race. */
  [member: string]: unknown;
}

/** An error that a door answers with: one code of the protocol's list, and a detail that says what to do. */
export class ProblemError extends HoldpointError {
  override name = "ProblemError";
  readonly problemCode: ProblemCode;
  readonly headers: Record<string, string>;

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    const { headers, cause, ...details } = options;
    const { status } = PROBLEMS[code];
    super(detail, {
      code,
      status,
      retryable: status === 429 || status === 503,
      details,
      ...(cause === undefined ? {} : { cause }),
    });
    this.problemCode = code;
    this.headers = headers ?? {};
  }
}

/** The RFC 9457 document of an error. */
export function renderProblem(error: ProblemError, requestId: string): Problem {
  const { status, title } = PROBLEMS[error.problemCode];
  return {
    type: `https://holdpoint.dev/problems/${error.problemCode}`,
    title,
    status,
    code: error.problemCode,
    detail: error.message,
    requestId,
    ...error.details,
  };
}

export function problemResponse(error: ProblemError, requestId: string): Response {
  return new Response(JSON.stringify(renderProblem(error, requestId)), {
    status: error.status,
    headers: { "content-type": "application/problem+json", "x-request-id": requestId, ...error.headers },
  });
}
