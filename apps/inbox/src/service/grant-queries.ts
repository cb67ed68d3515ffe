import type { Route, Strength } from "@holdpoint/protocol";
import { infiniteQueryOptions } from "@tanstack/react-query";
import { holdpoint } from "./client.ts";

/** A standing permission: matching calls proceed without a hold, until it expires, is used up or revoked. */
export interface Grant {
  id: string;
  tool: string;
  /** CEL; null for any call of the tool. */
  condition: string | null;
  agentId: string | null;
  endUserId: string | null;
  isActive: boolean;
  expiresAt: string;
  uses: number | null;
  usesLeft: number | null;
  usedCount: number;
  budget: number | null;
  budgetLeft: number | null;
  route: Route;
  quorumRequired: number;
  strength: Strength;
  fromHoldId: string | null;
  reason: string | null;
  createdAt: string;
  createdBy: { id: string; name: string };
  revokedAt: string | null;
  revokedBy: { id: string; name: string } | null;
}

/** Body of `POST /v1/grants`, from a decision. What is left out is as the decided action has it. */
export interface NewGrant {
  holdId: string;
  /** Null: any call of the tool. */
  condition?: string | null;
  agentId?: null;
  endUserId?: null;
  expiresInSeconds: number;
  uses?: number;
  budget?: number;
  reason?: string;
}

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
