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
export {
  HoldpointQuestions,
  type HoldpointQuestionsOptions,
  type ListQuestionsOptions,
  type QuestionEventsOptions,
  type Unsubscribe,
} from "./questions.ts";
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

// Runs that this process works on.
export { ExternalRun, RunCancelledError, type RunProgress } from "./external-run.ts";

// Errors.
export { HoldpointApiError, HoldpointConnectionError } from "./api-error.ts";
export { ClarificationError } from "./clarifications/clarification-error.ts";
