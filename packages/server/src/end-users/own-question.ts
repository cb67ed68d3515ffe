import { effectiveStatus } from "@holdpoint/core";
import type { OwnQuestion } from "@holdpoint/protocol";
import { renderInstant, renderInstantOrNull } from "../database/instant.ts";
import type { HoldRow } from "../holds/hold-row.ts";
import { holdState } from "../holds/hold-state.ts";

/** An agent's name for people; undefined for an agent that runs elsewhere. */
export type AgentNames = (agentId: string) => string | undefined;

/**
 * A hold as the person sees whom it is addressed to, at `now`. Named member by member: what is added to a hold stays inside
 * until somebody says here that it is theirs to see.
 */
export function renderOwnQuestion(row: HoldRow, now: string, agentName: AgentNames): OwnQuestion {
  const status = effectiveStatus(holdState(row), now);
  return {
    id: row.id,
    kind: row.kind,
    status,
    title: row.title,
    summary: row.summary,
    question: row.question ?? {},
    agentId: row.agent_id,
    agentName: row.agent_id === null ? null : (agentName(row.agent_id) ?? null),
    createdAt: renderInstant(row.created_at),
    expiresAt: renderInstantOrNull(row.expires_at),
    // Past its deadline and not swept yet: the deadline is when it ended.
    decidedAt: renderInstantOrNull(
      status === "expired" ? (row.decided_at ?? row.expires_at) : row.decided_at,
    ),
    answer: row.outcome?.answer ?? null,
    version: row.version,
  };
}
