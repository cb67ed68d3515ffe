import type { ListHoldsOptions } from "@holdpoint/client";
import { TIERS, type Tier } from "@holdpoint/protocol";

/** The lists of the inbox. Each is a question to the service; none is kept here. */
export const TABS = {
  mine: { label: "For you", options: { status: "pending", assignee: "me" } },
  all: { label: "All waiting", options: { status: "pending" } },
  deferred: { label: "Not now", options: { status: "pending", deferred: true } },
  decided: { label: "Decided", options: { status: "ended" } },
} as const satisfies Record<string, { label: string; options: ListHoldsOptions }>;

export type TabName = keyof typeof TABS;
export const tabNames = Object.keys(TABS) as TabName[];

/** What the address says about the list. */
export interface InboxSearch {
  tab?: TabName;
  q?: string;
  agent?: string;
  tier?: Tier;
}

/** Reads the address; what is none of ours is left out. */
export function readInboxSearch(search: Record<string, unknown>): InboxSearch {
  const { tab, q, agent, tier } = search;
  return {
    ...(typeof tab === "string" && tab !== "mine" && Object.hasOwn(TABS, tab) ? { tab: tab as TabName } : {}),
    ...(typeof q === "string" && q.trim() !== "" ? { q: q.slice(0, 200) } : {}),
    ...(typeof agent === "string" && agent !== "" ? { agent: agent.slice(0, 200) } : {}),
    ...(TIERS.some((name) => name === tier) ? { tier: tier as Tier } : {}),
  };
}

export function listOptions({ tab = "mine", q, agent, tier }: InboxSearch): ListHoldsOptions {
  return { ...TABS[tab].options, ...(q && { q }), ...(agent && { agentId: agent }), ...(tier && { tier }) };
}

export function hasFilter({ q, agent, tier }: InboxSearch): boolean {
  return q !== undefined || agent !== undefined || tier !== undefined;
}
