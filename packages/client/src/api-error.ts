import { HoldpointError, type Problem } from "@holdpoint/protocol";

/** The server's answer was a refusal or a failure: RFC 9457 problem details, as they came. */
export class HoldpointApiError extends HoldpointError {
  override name = "HoldpointApiError";
  /** What happened and what to do, in words. */
  readonly detail: string;
  /** Where the request does not fit, for codes such as `invalid_request` and `invalid_arguments`. */
  readonly errors: readonly { path: string; message: string }[];
  /** Name it when you ask for help: the server's log has the same. */
  readonly requestId: string | undefined;
  /** The whole body, with whatever else the server told: `hold` of a lost race, for example. */
  readonly problem: Readonly<Record<string, unknown>>;

  constructor(problem: Problem, options: { retryable: boolean; cause?: unknown }) {
    super(problem.detail, {
      code: problem.code,
      status: problem.status,
      retryable: options.retryable,
      details: problem,
      ...("cause" in options ? { cause: options.cause } : {}),
    });
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    this.requestId = problem.requestId || undefined;
    this.problem = problem;
  }

  /** True for a refusal or failure that a server answered with, also one of another copy of this package. */
  static override isInstance(error: unknown): error is HoldpointApiError {
    return isNamed(error, "HoldpointApiError");
  }
}

/** No answer at all: the server is not there, the network failed, or the answer took too long. */
export class HoldpointConnectionError extends HoldpointError {
  override name = "HoldpointConnectionError";

  constructor(message: string, options: { cause?: unknown }) {
    super(message, { code: "unreachable", status: 503, retryable: true, cause: options.cause });
  }

  /** True where there was no answer. */
  static override isInstance(error: unknown): error is HoldpointConnectionError {
    return isNamed(error, "HoldpointConnectionError");
  }
}

/** By its name, which survives minifying and two copies of this package in one process. */
export function isNamed(error: unknown, name: string): boolean {
  return HoldpointError.isInstance(error) && error.name === name;
}

/** Reads the body of an unsuccessful response; what is no problem document (a proxy's page) becomes one. */
export async function readProblem(response: Response): Promise<Problem> {
  const text = await response.text().catch(() => "");
  const body = parseObject(text);
  return {
    type: "about:blank",
    title: response.statusText,
    ...body,
    status: response.status,
    code: (typeof body["code"] === "string"
      ? body["code"]
      : codeOfStatus(response.status)) as Problem["code"],
    detail:
      // The protocols of others say it in another member.
      [body["detail"], body["message"], body["error"]].find((text) => typeof text === "string") ??
      `${response.url} answered ${`${response.status} ${response.statusText}`.trim()}.`,
    requestId: typeof body["requestId"] === "string" ? body["requestId"] : "",
    ...(Array.isArray(body["errors"]) ? { errors: body["errors"] as Problem["errors"] & object } : {}),
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

function codeOfStatus(status: number): Problem["code"] {
  const codes: Record<number, Problem["code"]> = {
    401: "unauthorized",
    403: "not_allowed",
    404: "not_found",
    409: "conflict",
    410: "expired",
    413: "body_too_large",
    421: "wrong_host",
    429: "too_many_requests",
    503: "unavailable",
  };
  return codes[status] ?? (status >= 500 ? "internal" : "invalid_request");
}
