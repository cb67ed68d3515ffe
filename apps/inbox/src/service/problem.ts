import { HoldpointApiError, HoldpointConnectionError } from "@holdpoint/client";

/** An error as a page tells it: what happened, and what to name when asking for help. */
export interface ToldProblem {
  title: string;
  detail: string;
  requestId: string | undefined;
}

/** What the page itself says no to: no defect, and nothing that the service answered. */
export class PageRefusal extends Error {
  readonly title: string;

  constructor(title: string, detail: string) {
    super(detail);
    this.title = title;
  }
}

/** There is no such thing here, or no more: what was read of it before is not shown. */
export function isGone(error: unknown): boolean {
  return error instanceof HoldpointApiError && error.status === 404;
}

export function tellProblem(error: unknown): ToldProblem {
  if (error instanceof HoldpointConnectionError) {
    return {
      title: "The service does not answer",
      detail: `${error.message} The page goes on trying.`,
      requestId: undefined,
    };
  }
  if (error instanceof HoldpointApiError) {
    const title = error.problem["title"];
    return {
      title: typeof title === "string" && title !== "" ? title : "The service refused",
      detail: error.detail,
      requestId: error.requestId,
    };
  }
  if (error instanceof PageRefusal)
    return { title: error.title, detail: error.message, requestId: undefined };
  return {
    title: "This page has a defect",
    detail: error instanceof Error ? error.message : String(error),
    requestId: undefined,
  };
}
