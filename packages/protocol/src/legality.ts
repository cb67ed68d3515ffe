/*
 * What may happen to a hold, a run and a tool call: data only. The server's guard, the console's buttons, the command
 * line's hints and the diagrams in docs/reference/state-machines.md all read these tables; what each transition
 * *does* is in @holdpoint/core.
 */

export const HOLD_KINDS = ["approval", "clarification", "authorization", "escalation"] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];

export const HOLD_STATUSES = [
  "pending",
  "approved",
  "modified",
  "rejected",
  "skipped",
  "answered",
  "expired",
  "cancelled",
] as const;
export type HoldStatus = (typeof HOLD_STATUSES)[number];

/** What one person says. */
export const VERDICTS = ["approve", "modify", "reject", "skip", "answer"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** How far the execution of a released action has come, so that "approved" is never mistaken for "done". */
export const FULFILMENTS = [
  "none",
  "waiting",
  "delivered",
  "executing",
  "executed",
  "failed",
  "unknown",
] as const;
export type Fulfilment = (typeof FULFILMENTS)[number];

export const RUN_STATUSES = [
  "queued",
  "running",
  "holding",
  "paused",
  "completed",
  "failed",
  "cancelled",
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export const TOOL_CALL_STATUSES = [
  "proposed",
  "gated",
  "approved",
  "rejected",
  "skipped",
  "expired",
  "cancelled",
  "executing",
  "suspended",
  "succeeded",
  "failed",
  "unknown",
] as const;
export type ToolCallStatus = (typeof TOOL_CALL_STATUSES)[number];

export const TIERS = ["automated", "async_review", "sync_gate", "escalation"] as const;
export type Tier = (typeof TIERS)[number];

export const REVERSIBILITIES = ["reversible", "partially_reversible", "irreversible"] as const;
export type Reversibility = (typeof REVERSIBILITIES)[number];

export const IMPACTS = ["low", "medium", "high"] as const;
export type Impact = (typeof IMPACTS)[number];

/** What becomes of a hold that nobody answered in time (I6). */
export const ON_TIMEOUT = ["reject", "skip", "hold", "escalate", "approve"] as const;
export type OnTimeout = (typeof ON_TIMEOUT)[number];

export const ROLES = ["viewer", "reviewer", "manager", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Roles that a route may name. */
export const DECIDING_ROLES = ["reviewer", "manager", "operator", "admin"] as const satisfies readonly Role[];

/** How strongly an action is gated (R56 to R58), from most to least. */
export const GATE_LEVELS = ["mandatory_review", "review_if_high_value", "auto_proceed"] as const;
export type GateLevel = (typeof GATE_LEVELS)[number];

/**
 * Who besides agent keys may not decide (I9). `requester`: a member who asked in a session of theirs. `starter`: also
 * whoever started the run. `strict`: nobody who asked, operator keys included.
 */
export const SEPARATIONS = ["requester", "starter", "strict"] as const;
export type Separation = (typeof SEPARATIONS)[number];

/**
 * How surely it was this person: `L0` a verified channel identity, `L1` a signed-in session or an operator key, `L2`
 * signed in within the last 5 minutes, `L3` a passkey's signature over what was decided.
 */
export const STRENGTHS = ["L0", "L1", "L2", "L3"] as const;
export type Strength = (typeof STRENGTHS)[number];

/** Who may decide when a route asks for a role. A custom role is satisfied by itself and by admin. */
export const DECIDES_FOR = {
  viewer: ["viewer", "reviewer", "manager", "operator", "admin"],
  reviewer: ["reviewer", "manager", "operator", "admin"],
  manager: ["manager", "admin"],
  operator: ["operator", "admin"],
  admin: ["admin"],
} as const satisfies Record<Role, readonly Role[]>;

/** One row of a legality table: the command is legal in the states `from` and leads to `to`. */
export interface Edge<Status extends string> {
  from: readonly Status[];
  to: Status;
}

export interface HoldEdge extends Edge<HoldStatus> {
  kinds: readonly HoldKind[];
}

/** `timeoutApprove` is `onTimeout: "approve"` taking effect, and only for a reversible action. */
export const HOLD_COMMANDS = [...VERDICTS, "cancel", "expire", "timeoutApprove"] as const;
export type HoldCommand = (typeof HOLD_COMMANDS)[number];

export const HOLD_LEGALITY = {
  approve: { from: ["pending"], to: "approved", kinds: ["approval", "escalation"] },
  modify: { from: ["pending"], to: "modified", kinds: ["approval", "escalation"] },
  reject: { from: ["pending"], to: "rejected", kinds: HOLD_KINDS },
  skip: { from: ["pending"], to: "skipped", kinds: ["approval"] },
  answer: { from: ["pending"], to: "answered", kinds: ["clarification", "authorization", "escalation"] },
  cancel: { from: ["pending"], to: "cancelled", kinds: HOLD_KINDS },
  expire: { from: ["pending"], to: "expired", kinds: HOLD_KINDS },
  timeoutApprove: { from: ["pending"], to: "approved", kinds: ["approval"] },
} as const satisfies Record<HoldCommand, HoldEdge>;

/** An escalation that asks what became of a lost execution is a question of fact: it can only be answered. */
export const UNKNOWN_EXECUTION_VERDICTS = ["answer"] as const satisfies readonly Verdict[];

export const FULFILMENT_COMMANDS = [
  "release",
  "deliver",
  "start",
  "succeed",
  "fail",
  "lose",
  "retry",
  "abandon",
] as const;
export type FulfilmentCommand = (typeof FULFILMENT_COMMANDS)[number];

export const FULFILMENT_LEGALITY = {
  release: { from: ["none"], to: "waiting" },
  deliver: { from: ["waiting"], to: "delivered" },
  start: { from: ["waiting", "delivered"], to: "executing" },
  succeed: { from: ["executing", "unknown"], to: "executed" },
  fail: { from: ["executing", "unknown"], to: "failed" },
  lose: { from: ["executing"], to: "unknown" },
  retry: { from: ["unknown"], to: "waiting" },
  // The run ended before it started what was released: nothing will execute, and the inbox must not wait for it.
  abandon: { from: ["waiting", "delivered"], to: "failed" },
} as const satisfies Record<FulfilmentCommand, Edge<Fulfilment>>;

/** `resumeHolding` is `resume` for a run whose holds are still open. */
export const RUN_COMMANDS = [
  "start",
  "hold",
  "release",
  "pause",
  "resume",
  "resumeHolding",
  "complete",
  "fail",
  "cancel",
] as const;
export type RunCommand = (typeof RUN_COMMANDS)[number];

export const RUN_LEGALITY = {
  start: { from: ["queued"], to: "running" },
  hold: { from: ["running"], to: "holding" },
  release: { from: ["holding"], to: "running" },
  pause: { from: ["running", "holding"], to: "paused" },
  resume: { from: ["paused"], to: "running" },
  resumeHolding: { from: ["paused"], to: "holding" },
  complete: { from: ["running"], to: "completed" },
  fail: { from: ["queued", "running", "holding", "paused"], to: "failed" },
  cancel: { from: ["queued", "running", "holding", "paused"], to: "cancelled" },
} as const satisfies Record<RunCommand, Edge<RunStatus>>;

export const TOOL_CALL_COMMANDS = [
  "gate",
  "approve",
  "reject",
  "skip",
  "expire",
  "cancel",
  "refuse",
  "start",
  "suspend",
  "resume",
  "succeed",
  "fail",
  "lose",
  "retry",
  "takeOver",
  "takeOverFailed",
] as const;
export type ToolCallCommand = (typeof TOOL_CALL_COMMANDS)[number];

export const TOOL_CALL_LEGALITY = {
  // An approved call is gated again when its action or its policy changed before it started (I8).
  gate: { from: ["proposed", "approved"], to: "gated" },
  approve: { from: ["gated"], to: "approved" },
  reject: { from: ["gated"], to: "rejected" },
  skip: { from: ["gated"], to: "skipped" },
  expire: { from: ["gated"], to: "expired" },
  // A suspended call has no process behind it; without this it would stay suspended in a cancelled run for ever.
  cancel: { from: ["proposed", "gated", "approved", "suspended"], to: "cancelled" },
  // An unknown tool or bad arguments (I10); when the tool is gone, or another, by the time it would start or go on.
  refuse: { from: ["proposed", "approved", "suspended"], to: "failed" },
  start: { from: ["proposed", "approved"], to: "executing" },
  suspend: { from: ["executing"], to: "suspended" },
  resume: { from: ["suspended"], to: "executing" },
  succeed: { from: ["executing", "unknown"], to: "succeeded" },
  fail: { from: ["executing", "unknown"], to: "failed" },
  lose: { from: ["executing"], to: "unknown" },
  retry: { from: ["unknown"], to: "executing" },
  // A person gives its result by hand: whatever was going to start it finds it ended (I1, I2). Not what is executing.
  takeOver: { from: ["proposed", "gated", "approved", "suspended", "unknown"], to: "succeeded" },
  takeOverFailed: { from: ["proposed", "gated", "approved", "suspended", "unknown"], to: "failed" },
} as const satisfies Record<ToolCallCommand, Edge<ToolCallStatus>>;

/** The status that `command` leads to, or undefined where it is not legal. */
export function nextStatus<Status extends string>(edge: Edge<Status>, status: Status): Status | undefined {
  return edge.from.includes(status) ? edge.to : undefined;
}

/** The status a hold of this kind gets by `command`, or undefined where it is not legal. */
export function nextHoldStatus(
  command: HoldCommand,
  kind: HoldKind,
  status: HoldStatus,
): HoldStatus | undefined {
  const edge: HoldEdge = HOLD_LEGALITY[command];
  return edge.kinds.includes(kind) ? nextStatus(edge, status) : undefined;
}

export interface AllowedVerdictsOptions {
  /** The escalation asks what became of an execution whose outcome was lost. Default false. */
  unknownExecution?: boolean;
}

/** The verdicts that a person may give on such a hold, in the order in which they are offered; none once it ended. */
export function allowedVerdicts(
  kind: HoldKind,
  status: HoldStatus,
  options: AllowedVerdictsOptions = {},
): Verdict[] {
  const offered: readonly Verdict[] =
    options.unknownExecution === true ? UNKNOWN_EXECUTION_VERDICTS : VERDICTS;
  return offered.filter((verdict) => nextHoldStatus(verdict, kind, status) !== undefined);
}

/** A hold that has its one outcome, for ever (I3). */
export function isTerminalHold(status: HoldStatus): boolean {
  return isTerminal(HOLD_LEGALITY, status);
}

/** An execution that is over, with a known outcome. */
export function isTerminalFulfilment(fulfilment: Fulfilment): boolean {
  return isTerminal(FULFILMENT_LEGALITY, fulfilment);
}

/** A run that ended. */
export function isTerminalRun(status: RunStatus): boolean {
  return isTerminal(RUN_LEGALITY, status);
}

/** A tool call that has its result, or will never have one. */
export function isTerminalToolCall(status: ToolCallStatus): boolean {
  return isTerminal(TOOL_CALL_LEGALITY, status);
}

function isTerminal<Status extends string>(table: Record<string, Edge<Status>>, status: Status): boolean {
  return Object.values(table).every((edge) => !edge.from.includes(status));
}
