import { titleOf, titleOfSignIn, type Evaluation } from "@holdpoint/core";
import {
  allowedVerdicts,
  onlyRole,
  STRENGTHS,
  type Evidence,
  type HoldKind,
  type JsonObject,
  type JsonValue,
  type Verdict,
} from "@holdpoint/protocol";
import type { HoldRow } from "./hold-row.ts";
import { stepsOfNewHold } from "./steps-of-new-hold.ts";

/** What a hold is made of, before the database gives it its times, its tenant and its requester. */
export interface NewHold {
  id: string;
  kind: HoldKind;
  evaluation: Evaluation;
  title?: string | undefined;
  summary?: string | undefined;
  details?: JsonValue | undefined;
  evidence?: Evidence[] | undefined;
  action?:
    | {
        name: string;
        arguments: JsonObject;
        hash: string;
        toolHash: string | null;
        schema: JsonObject | null;
      }
    | undefined;
  question?: JsonObject | undefined;
  policyVersion?: number | undefined;
  /** What the policy was asked about, for asking it again. */
  facts?: JsonObject | undefined;
  /** Default: all that the kind allows. */
  verdicts?: readonly Verdict[] | undefined;
  agentId?: string | undefined;
  runId?: string | undefined;
  toolCallId?: string | undefined;
  sessionId?: string | undefined;
  endUserId?: string | undefined;
  transactionId?: string | undefined;
  metadata?: JsonObject | undefined;
  idempotencyKey?: string | undefined;
  bodyHash?: string | undefined;
}

/** Columns that the database writes itself, under its own clock and with what it knows of the credential. */
type SetByDatabase =
  | "org_id"
  | "status"
  | "version"
  | "requester"
  | "requester_kind"
  | "requester_member_id"
  | "starter_member_id"
  | "created_at"
  | "respond_by"
  | "expires_at"
  | "decided_at"
  | "outcome"
  | "fulfilment"
  | "execution"
  | "ladder_asked_at"
  | "escalated_at"
  | "votes_since"
  | "released_by"
  | "run_lost_at";

/** The row for `create_hold_v1` and `commit_run_v1`: every column that is not the database's own. */
export type NewHoldRow = Omit<HoldRow, SetByDatabase>;

export function newHoldRow(hold: NewHold): NewHoldRow {
  const { action, evaluation } = hold;
  return {
    id: hold.id,
    kind: hold.kind,
    // Facts come from stored arguments, never from words of the model (I13); a given title is the caller's own.
    title: hold.title ?? (action === undefined ? defaultTitle(hold) : titleOf(action)),
    // Whoever asked said it, or nobody did: what is made here is the title (R48).
    summary: hold.summary ?? null,
    details: hold.details ?? null,
    evidence: hold.evidence ?? null,
    action: action === undefined ? null : { name: action.name, arguments: action.arguments },
    action_hash: action?.hash ?? null,
    tool_hash: action?.toolHash ?? null,
    action_schema: action?.schema ?? null,
    reversibility: evaluation.reversibility,
    impact: evaluation.impact,
    value: evaluation.value,
    question: hold.question ?? null,
    verdicts: [...(hold.verdicts ?? verdictsOf(hold.kind))],
    tier: evaluation.tier,
    level: hold.kind === "approval" ? evaluation.level : null,
    route: evaluation.route,
    route_role: onlyRole(evaluation.route),
    separation: evaluation.separation,
    quorum_required: evaluation.quorum.required,
    quorum_refusals: evaluation.quorum.refusals,
    strength: STRENGTHS.indexOf(evaluation.strength),
    rule: evaluation.rule,
    channels: evaluation.channels,
    remind_every_seconds: evaluation.remindEverySeconds,
    next_step_at: null,
    ...stepsOfNewHold(evaluation),
    facts: hold.facts ?? null,
    may_grant: evaluation.mayGrant,
    reasons: evaluation.reasons,
    policy_version: hold.policyVersion ?? 0,
    agent_id: hold.agentId ?? null,
    run_id: hold.runId ?? null,
    tool_call_id: hold.toolCallId ?? null,
    session_id: hold.sessionId ?? null,
    end_user_id: hold.endUserId ?? null,
    transaction_id: hold.transactionId ?? null,
    metadata: hold.metadata ?? null,
    on_timeout: evaluation.onTimeout,
    idempotency_key: hold.idempotencyKey ?? null,
    body_hash: hold.bodyHash ?? null,
  };
}

/** What `create_hold_v1` answers of a hold that it wrote; all else is as it was sent. */
export type ColumnsOfNewHold = Pick<HoldRow, "agent_id" | Exclude<SetByDatabase, keyof typeof NOT_YET_SET>>;
const NOT_YET_SET = {
  starter_member_id: null,
  decided_at: null,
  outcome: null,
  execution: null,
  ladder_asked_at: null,
  escalated_at: null,
  votes_since: null,
  released_by: null,
  run_lost_at: null,
};

/** The row as the database holds it now, without reading it back. */
export function newHold(sent: NewHoldRow, set: ColumnsOfNewHold): HoldRow {
  return { ...sent, ...set, ...NOT_YET_SET };
}

/** A sign-in is answered by signing in: a person can only say no to it. */
function verdictsOf(kind: HoldKind): readonly Verdict[] {
  return kind === "authorization" ? ["reject"] : allowedVerdicts(kind, "pending");
}

function defaultTitle(hold: NewHold): string {
  switch (hold.kind) {
    case "clarification":
      return "A question to answer";
    case "authorization":
      return titleOfSignIn(labelOf(hold));
    case "escalation":
      return "A result to look at";
    default:
      return "An action to approve";
  }
}

/** The provider's name for people, which every authorization has. */
function labelOf({ question }: NewHold): string {
  const label = question?.["label"];
  return typeof label === "string" ? label : "an account";
}
