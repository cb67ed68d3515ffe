import {
  allowedVerdicts,
  STRENGTHS,
  type Evidence,
  type Fulfilment,
  type GateLevel,
  type Hold,
  type HoldDetail,
  type HoldKind,
  type HoldStatus,
  type Impact,
  type JsonObject,
  type JsonValue,
  type NextStep,
  type OnTimeout,
  type Outcome,
  type Reason,
  type Reversibility,
  type Role,
  type Route,
  type Separation,
  type Tier,
  type Verdict,
} from "@holdpoint/protocol";
import {
  effectiveStatus,
  fewestPeople,
  nextStepOf,
  routeOf,
  type Ladder,
  type Witness,
} from "@holdpoint/core";
import { holdState } from "./hold-state.ts";
import { renderInstant, renderInstantOrNull } from "../database/instant.ts";

/** A row of holdpoint.holds as `row_to_json` gives it and `json_populate_record` takes it. */
export interface HoldRow {
  org_id: string;
  id: string;
  kind: HoldKind;
  status: HoldStatus;
  version: number;
  title: string;
  summary: string | null;
  details: JsonValue;
  evidence: Evidence[] | null;
  action: { name: string; arguments: JsonObject } | null;
  action_hash: string | null;
  tool_hash: string | null;
  action_schema: JsonObject | null;
  reversibility: Reversibility | null;
  impact: Impact | null;
  value: number | null;
  question: JsonObject | null;
  verdicts: Verdict[];
  tier: Tier;
  /** Null of a hold that is no action, or older than levels. */
  level: GateLevel | null;
  route: Route;
  /** Null where the route is more than a role: the guard in the database does not know such a route. */
  route_role: Role | null;
  separation: Separation;
  quorum_required: number;
  quorum_refusals: number;
  strength: number;
  rule: string | null;
  channels: string[];
  remind_every_seconds: number | null;
  next_step_at: string | null;
  facts: JsonObject | null;
  may_grant: boolean;
  ladder: StoredLadder | null;
  ladder_asked_at: string | null;
  escalated_at: string | null;
  step_seconds: number[] | null;
  votes_since: number | null;
  /** Its decisions, where several people decide and whoever reads it asks for them too (votes_of_hold_v1). */
  votes?: DecisionRow[] | null;
  askable: string[] | null;
  released_by: Witness[] | null;
  /** Of a run elsewhere that is not heard of any more. */
  run_lost_at: string | null;
  reasons: Reason[];
  policy_version: number;
  requester: string;
  requester_kind: "agent" | "member" | "operator_key";
  requester_member_id: string | null;
  starter_member_id: string | null;
  agent_id: string | null;
  run_id: string | null;
  /** Of a run that another one called: the agents' names, the outermost first. */
  path?: string[] | null;
  tool_call_id: string | null;
  session_id: string | null;
  end_user_id: string | null;
  transaction_id: string | null;
  metadata: JsonObject | null;
  created_at: string;
  respond_by: string | null;
  expires_at: string | null;
  on_timeout: OnTimeout;
  decided_at: string | null;
  outcome: Outcome | null;
  fulfilment: Fulfilment;
  execution: JsonValue;
  idempotency_key: string | null;
  body_hash: string | null;
}

/** The end of the ladder as it was when the hold was made. */
export interface StoredLadder extends Ladder {
  /** It lets people in whom the route does not. */
  isWider: boolean;
}

export interface DecisionRow {
  id: string;
  /** The hold's version that was decided on; null for decisions before there were votes. */
  hold_version: number | null;
  verdict: Verdict;
  action_hash: string | null;
  arguments: JsonObject | null;
  answer: JsonValue;
  by_id: string;
  by_name: string;
  via: string;
  verified_by: string;
  /** Whom the caller named as the one who decided. */
  claimed_by?: string | null;
  is_self_decided: boolean;
  comment: string | null;
  original_text: string | null;
  created_at: string;
}

/** The hold as the API shows it at `now` (an instant of the database): past its deadline it reads as expired (I6). */
export function renderHold(
  row: HoldRow,
  now: string,
  decisions: readonly DecisionRow[] = row.votes ?? [],
): Hold {
  const state = holdState(row);
  const status = effectiveStatus(state, now);
  return {
    id: row.id,
    orgId: row.org_id,
    kind: row.kind,
    status,
    title: row.title,
    summary: row.summary,
    details: row.details,
    evidence: row.evidence ?? [],
    action: renderAction(row),
    question: row.question,
    tier: row.tier,
    level: row.level ?? null,
    reasons: row.reasons,
    rule: row.rule,
    policyVersion: row.policy_version,
    route: row.route,
    quorum: {
      required: Math.max(row.quorum_required, fewestPeople(routeOf(state))),
      refusals: row.quorum_refusals,
      votes: votesOf(row, decisions).map(renderVote),
    },
    nextStep: status === "pending" ? nextStepOfRow(row, now) : null,
    strength: STRENGTHS[row.strength] ?? "L3",
    channels: row.channels,
    mayGrant: row.may_grant,
    allowedVerdicts: allowedVerdicts(row.kind, status).filter((verdict) => row.verdicts.includes(verdict)),
    agentId: row.agent_id,
    runId: row.run_id,
    path: row.path ?? null,
    toolCallId: row.tool_call_id,
    sessionId: row.session_id,
    endUserId: row.end_user_id,
    transactionId: row.transaction_id,
    requester: row.requester,
    createdAt: renderInstant(row.created_at),
    respondBy: renderInstantOrNull(row.respond_by),
    expiresAt: renderInstantOrNull(row.expires_at),
    onTimeout: row.on_timeout,
    decidedAt: renderInstantOrNull(row.decided_at),
    outcome: row.outcome === null ? null : renderOutcome(row.outcome),
    fulfilment: row.fulfilment,
    execution: row.execution,
    metadata: row.metadata,
    runLostAt: renderInstantOrNull(row.run_lost_at ?? null),
    version: row.version,
  };
}

/** The votes for what is asked now, the latest of each person. */
export function votesOf(row: HoldRow, decisions: readonly DecisionRow[]): DecisionRow[] {
  const since = row.votes_since ?? 1;
  const current = decisions.filter(({ hold_version }) => hold_version !== null && hold_version >= since);
  return current.filter((vote, index) => !current.slice(index + 1).some(({ by_id }) => by_id === vote.by_id));
}

function renderVote(vote: DecisionRow): Hold["quorum"]["votes"][number] {
  return {
    by: { id: vote.by_id, name: vote.by_name, via: vote.via, verifiedBy: vote.verified_by },
    verdict: vote.verdict,
    at: renderInstant(vote.created_at),
    actionHash: vote.action_hash,
    arguments: vote.verdict === "modify" ? vote.arguments : null,
    comment: vote.comment,
  };
}

function nextStepOfRow(row: HoldRow, now: string): NextStep | null {
  const hasLadder = row.escalated_at === null && row.ladder_asked_at === null;
  const step = nextStepOf(
    {
      route: row.route,
      ladder: hasLadder ? row.ladder : null,
      remindEverySeconds: row.remind_every_seconds,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
    },
    now,
  );
  return step === null ? null : { ...step, at: renderInstant(step.at) };
}

function renderAction(row: HoldRow): Hold["action"] {
  if (row.action === null) return null;
  return {
    name: row.action.name,
    arguments: row.action.arguments,
    hash: row.action_hash ?? "",
    schema: row.action_schema,
    reversibility: row.reversibility ?? "irreversible",
    impact: row.impact,
    value: row.value,
  };
}

/** Members that an older or a system-made outcome lacks read as null. */
function renderOutcome(outcome: Partial<Outcome> & Pick<Outcome, "by">): Outcome {
  return {
    verdict: outcome.verdict ?? null,
    arguments: outcome.arguments ?? null,
    actionHash: outcome.actionHash ?? null,
    answer: outcome.answer ?? null,
    comment: outcome.comment ?? null,
    selfDecided: outcome.selfDecided ?? false,
    by: outcome.by,
  };
}

/** What belongs to a hold that is asked for by id. */
export interface HoldParts {
  hold: HoldRow;
  decisions: readonly DecisionRow[];
  /** When the person who asks put it off; null when they have not. */
  deferredAt: string | null;
  now: string;
}

export function renderHoldDetail({ hold, decisions, deferredAt, now }: HoldParts): HoldDetail {
  return {
    ...renderHold(hold, now, decisions),
    deferredAt: renderInstantOrNull(deferredAt),
    decisions: decisions.map((decision) => ({
      id: decision.id,
      verdict: decision.verdict,
      by: {
        id: decision.by_id,
        name: decision.by_name,
        via: decision.via,
        verifiedBy: decision.verified_by,
        ...(decision.claimed_by != null && { claimed: decision.claimed_by }),
      },
      selfDecided: decision.is_self_decided,
      comment: decision.comment,
      originalText: decision.original_text,
      createdAt: renderInstant(decision.created_at),
    })),
    deliveries: [],
  };
}
