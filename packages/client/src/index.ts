// The client.
export {
  Holdpoint,
  type HoldpointClientOptions,
  type AuditEntry,
  type AuditFormat,
  type AuditPageOptions,
  type AuditScope,
  type Member,
  type NewApiKey,
} from "./holdpoint.ts";
export type { HoldpointOptions, RequestOptions } from "./transport.ts";
export type { Page, PageOptions } from "./page.ts";

// What it reads and writes.
export type {
  AutoProceeded,
  CallOptions,
  Claim,
  ClaimedAction,
  ExecutionReport,
  ListHoldsOptions,
  NewHold,
  WaitOptions,
} from "./holds.ts";
export type { EndUsers, ListEndUsersOptions } from "./end-users.ts";
export type { Connections, ListConnectionsOptions, RevokedConnection } from "./connections.ts";
export type { Grants, ListGrantsOptions } from "./grants.ts";
export type { Policies } from "./policies.ts";
export type { ListSamplesOptions, Samples } from "./samples.ts";
export type { ListRunsOptions, WaitForRunOptions } from "./runs.ts";
export type { OrderOptions, Pauses, Switches } from "./orders.ts";
export type { EventsOptions, RunTextEvent, StreamEvent } from "./events.ts";

// Questions: asking them, and presenting those of runs.
export type { Ask, AskedQuestion, AskOptions, AskOutcome } from "./ask/ask.ts";
export {
  findClarification,
  type AnyQuestion,
  type Clarification,
  type ClarificationKind,
} from "./clarifications/clarification.ts";
export type {
  AnswerOf,
  ClarificationHandler,
  ClarificationOptions,
  Present,
  Resolver,
} from "./clarifications/handler.ts";

// Gates around functions, and approvals step by step.
export {
  createGate,
  type ExecutedBefore,
  type Gate,
  type GateContext,
  type Gated,
  type GatedCallOptions,
  type GateKeeper,
  type GateOptions,
  type GateOutcome,
  type GateRequest,
  type Ran,
  type Released,
  type ThrowingGated,
} from "./gate/gate.ts";
export {
  ApprovalTimeoutError,
  NotExecutedError,
  RejectedError,
  type NotRun,
  type NotRunOutcome,
} from "./gate/not-executed.ts";
export type { ApprovalDecision, ApprovalRequest, Approvals, NewApproval } from "./approvals.ts";
export type { Hitl, HitlAnswer, HitlDecision, PendingHitlRequest } from "./hitl.ts";

// Runs that this process works on.
export { ExternalRun, RunCancelledError, type RunProgress } from "./external-run.ts";

// Errors.
export { HoldpointApiError, HoldpointConnectionError } from "./api-error.ts";
export { ClarificationError } from "./clarifications/clarification-error.ts";
