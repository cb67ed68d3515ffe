import { TIER_TIMES, type HoldState, type Vote } from "@holdpoint/core";
import { questionSchema, STRENGTHS, type Question } from "@holdpoint/protocol";
import type { HoldRow } from "./hold-row.ts";

/** What the state machine needs of a stored hold. Without `votes` nobody has said anything yet. */
export function holdState(row: HoldRow, votes: readonly Vote[] = []): HoldState {
  return {
    id: row.id,
    orgId: row.org_id,
    kind: row.kind,
    status: row.status,
    action:
      row.action === null
        ? null
        : {
            name: row.action.name,
            arguments: row.action.arguments,
            hash: row.action_hash ?? "",
            toolHash: row.tool_hash,
            schema: row.action_schema,
            reversibility: row.reversibility ?? "irreversible",
          },
    question: row.kind === "clarification" ? (row.question as Question | null) : null,
    result: row.question?.["result"] ?? null,
    isUnknownExecution: isUnknownExecution(row),
    agentId: row.agent_id,
    runId: row.run_id,
    toolCallId: row.tool_call_id,
    endUserId: row.end_user_id,
    requester: { id: row.requester, kind: row.requester_kind, memberId: row.requester_member_id },
    starterId: row.starter_member_id,
    separation: row.separation,
    tier: row.tier,
    route: row.route,
    quorum: { required: row.quorum_required, refusals: row.quorum_refusals },
    strength: STRENGTHS[row.strength] ?? "L3",
    votes,
    ladderEnd: {
      route: row.ladder?.route ?? row.route,
      timeoutSeconds: row.ladder?.timeoutSeconds ?? TIER_TIMES.escalation.timeoutSeconds,
      askedAt: row.ladder_asked_at,
    },
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    onTimeout: row.on_timeout,
    decidedAt: row.decided_at,
    outcome: row.outcome,
    fulfilment: row.fulfilment,
    version: row.version,
  };
}

/** An escalation that asks what became of a lost execution carries a question by this name. */
export function isUnknownExecution(row: Pick<HoldRow, "kind" | "question">): boolean {
  if (row.kind !== "escalation" || row.question === null) return false;
  const question = questionSchema.safeParse(row.question);
  return question.success && question.data.type === "custom" && question.data.name === "unknown_execution";
}
