import type { Session, SessionDeleted, SessionSummary } from "@holdpoint/protocol";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { holdpoint } from "./client.ts";

export function sessionsQuery() {
  return infiniteQueryOptions({
    queryKey: ["sessions"],
    queryFn: ({ pageParam, signal }) =>
      holdpoint.request<{ data: SessionSummary[]; nextCursor: string | null }>("GET", "/v1/sessions", {
        signal,
        query: { cursor: pageParam },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
}

function pathOf(id: string): string {
  return `/v1/sessions/${encodeURIComponent(id)}`;
}

export function sessionQuery(id: string) {
  return queryOptions({
    queryKey: ["session", id],
    queryFn: ({ signal }) => holdpoint.request<Session>("GET", pathOf(id), { signal }),
  });
}

export function cancelSession(id: string, reason: string): Promise<unknown> {
  return holdpoint.request("POST", `${pathOf(id)}/cancel`, { body: reason === "" ? {} : { reason } });
}

export function deleteSession(id: string): Promise<SessionDeleted> {
  return holdpoint.request<SessionDeleted>("DELETE", pathOf(id));
}
