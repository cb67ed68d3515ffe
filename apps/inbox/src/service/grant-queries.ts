import type { CreateGrant, Grant } from "@holdpoint/protocol";
import { infiniteQueryOptions } from "@tanstack/react-query";
import { holdpoint } from "./client.ts";

/** From a decision. What is left out is as the decided action has it. */
export type NewGrant = CreateGrant & { holdId: string };

export function grantsQuery({ isActive }: { isActive: boolean }) {
  return infiniteQueryOptions({
    queryKey: ["grants", isActive],
    queryFn: ({ pageParam, signal }) =>
      holdpoint.request<{ data: Grant[]; nextCursor: string | null }>("GET", "/v1/grants", {
        signal,
        query: { cursor: pageParam, ...(isActive ? { active: true } : {}) },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
}

export function createGrant(grant: NewGrant): Promise<Grant> {
  return holdpoint.request<Grant>("POST", "/v1/grants", { body: grant });
}

export function revokeGrant(id: string): Promise<Grant> {
  return holdpoint.request<Grant>("DELETE", `/v1/grants/${encodeURIComponent(id)}`);
}
