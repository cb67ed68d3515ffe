import { infiniteQueryOptions, QueryClient, queryOptions } from "@tanstack/react-query";
import type { Agent } from "@holdpoint/protocol";
import type { AuditPageOptions, ListHoldsOptions, ListRunsOptions } from "@holdpoint/client";
import { holdpoint } from "./client.ts";

const PAGE = 50;

/**
 * What the pages read. Nothing grows stale by itself: events say what changed (live.ts). The client library repeats
 * what may be repeated, so the cache does not; and nothing is queued while the network is away, least of all a decision.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      retry: false,
      networkMode: "always",
      refetchOnReconnect: false,
      refetchOnWindowFocus: false,
    },
    mutations: { retry: false, networkMode: "always" },
  },
});

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => {
    const me = await holdpoint.me({ signal });
    return { ...me, serverAheadMs: Date.parse(me.now) - Date.now() };
  },
});

export const agentsQuery = queryOptions({
  queryKey: ["agents"],
  queryFn: async () => {
    const agents: Agent[] = [];
    for await (const agent of holdpoint.agents.list()) agents.push(agent);
    return agents;
  },
});

export function holdsQuery(options: ListHoldsOptions) {
  return infiniteQueryOptions({
    queryKey: ["holds", options],
    queryFn: ({ pageParam, signal }) =>
      holdpoint.holds.page({ limit: PAGE, ...options }, { cursor: pageParam, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
}

export function holdQuery(id: string) {
  return queryOptions({
    queryKey: ["hold", id],
    queryFn: ({ signal }) => holdpoint.holds.get(id, { signal }),
  });
}

export function runsQuery(options: ListRunsOptions) {
  return infiniteQueryOptions({
    queryKey: ["runs", options],
    queryFn: ({ pageParam, signal }) =>
      holdpoint.runs.page({ limit: PAGE, ...options }, { cursor: pageParam, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
}

export function runQuery(id: string) {
  return queryOptions({
    queryKey: ["run", id],
    queryFn: ({ signal }) => holdpoint.runs.get(id, { signal }),
  });
}

export function auditQuery(options: AuditPageOptions) {
  return infiniteQueryOptions({
    queryKey: ["audit", options],
    queryFn: ({ pageParam, signal }) =>
      holdpoint.audit.page({ limit: PAGE, ...options }, { cursor: pageParam, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
}
