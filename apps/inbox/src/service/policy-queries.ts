import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type {
  JsonObject,
  PolicyFinding,
  PolicyInForce,
  PolicyVersion,
  PolicyVersionSummary,
  RotationView,
  ShadowReport,
} from "@holdpoint/protocol";
import { holdpoint } from "./client.ts";

/** What is in force, with what is to be said about it. */
export const policyQuery = queryOptions({
  queryKey: ["policy", "in force"],
  queryFn: ({ signal }) => holdpoint.request<PolicyInForce>("GET", "/v1/policies", { signal }),
});

export const policyVersionsQuery = infiniteQueryOptions({
  queryKey: ["policy", "versions"],
  queryFn: ({ pageParam, signal }) =>
    holdpoint.request<{ data: PolicyVersionSummary[]; nextCursor: string | null }>(
      "GET",
      "/v1/policies/versions",
      { signal, query: { cursor: pageParam } },
    ),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.nextCursor ?? undefined,
});

/** A version never changes. Version 0 is the empty policy, before anybody wrote one. */
export function policyVersionQuery(version: number) {
  return queryOptions({
    queryKey: ["policy version", version],
    queryFn: ({ signal }) =>
      version === 0
        ? NOTHING_WRITTEN
        : holdpoint.request<PolicyVersion>("GET", `/v1/policies/versions/${version}`, { signal }),
  });
}

const NOTHING_WRITTEN: PolicyVersion = {
  version: 0,
  document: {},
  source: "none",
  comment: null,
  createdAt: null,
  createdBy: null,
};

export const shadowQuery = queryOptions({
  queryKey: ["policy", "shadow"],
  queryFn: ({ signal }) => holdpoint.request<ShadowReport>("GET", "/v1/policies/shadow", { signal }),
});

/** What the service says to a draft. Nothing is stored, and an old draft is soon forgotten. */
export function policyCheckQuery(document: JsonObject | undefined) {
  return queryOptions({
    queryKey: ["policy check", document],
    enabled: document !== undefined,
    gcTime: 10_000,
    queryFn: ({ signal }) =>
      holdpoint.request<{ isUsable: boolean; findings: PolicyFinding[] }>("POST", "/v1/policies/check", {
        signal,
        body: { document },
      }),
  });
}

/** Who is on call now. */
export const rotationsQuery = queryOptions({
  queryKey: ["policy", "rotations"],
  queryFn: async ({ signal }) =>
    (await holdpoint.request<{ data: RotationView[] }>("GET", "/v1/rotations", { signal })).data,
});
