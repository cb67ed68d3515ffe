import type { z } from "zod";
import type { ProblemError } from "../problem.ts";

/**
 * How a foreign protocol's clients are told of errors. The one funnel of the app asks here, so that a missing credential, a
 * limit or a store that is away is told in the protocol's own words too.
 */
export interface DialectErrors {
  /** Whether a path, without its query, is one of this protocol's. */
  owns(path: string): boolean;
  /** What the protocol's clients read; the problem's own headers are added to it. */
  render(problem: ProblemError, requestId: string): { status: number; body: object };
  /** The shape of that, for the OpenAPI document. */
  schema: z.ZodType;
}

/** The answer in the words of the dialect that owns the path; undefined where none does. */
export function dialectResponse(
  dialects: readonly DialectErrors[],
  path: string,
  problem: ProblemError,
  requestId: string,
): Response | undefined {
  const dialect = dialects.find((candidate) => candidate.owns(path));
  if (dialect === undefined) return undefined;
  const { status, body } = dialect.render(problem, requestId);
  return Response.json(body, { status, headers: { "x-request-id": requestId, ...problem.headers } });
}
