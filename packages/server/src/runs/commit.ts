import {
  FULFILMENT_LEGALITY,
  RUN_LEGALITY,
  TOOL_CALL_LEGALITY,
  type Edge,
  type EventType,
  type JsonObject,
  type JsonValue,
  type RunStatus,
  type ToolCallStatus,
} from "@holdpoint/protocol";
import type { StoredAsk } from "../clarifications/asking.ts";
import type { NewHoldRow } from "../holds/new-hold.ts";
import type { HoldRow } from "../holds/hold-row.ts";
import type { GrantRow } from "../policies/grants/grant-row.ts";
import type { StepRow, Usage } from "./run-row.ts";

export interface NewEvent {
  type: EventType;
  data: JsonObject;
  toolCallId?: string | undefined;
  holdId?: string | null | undefined;
  actionName?: string | undefined;
  actionHash?: string | null | undefined;
  actorKind?: "member" | "agent" | "system";
  actorId?: string | undefined;
  actorName?: string | null | undefined;
}

export interface NewCall {
  id: string;
  position: number;
  providerCallId: string;
  name: string;
  arguments: JsonValue;
  status: "proposed" | "gated" | "failed" | "succeeded";
  holdId?: string | undefined;
  actionHash?: string | undefined;
  toolHash?: string | undefined;
  /** Of what another run has executed. */
  result?: JsonValue;
  error?: JsonObject | undefined;
  reusedFrom?: { runId: string; toolCallId: string };
}

export interface CallChange {
  id: string;
  from: ToolCallStatus;
  /** Refused when the call has been started again since. */
  attempt?: number;
  status: ToolCallStatus;
  result?: JsonValue;
  error?: JsonObject | undefined;
  holdId?: string;
  actionHash?: string;
  toolHash?: string;
}

export interface HoldChange {
  id: string;
  from: HoldRow["fulfilment"];
  fulfilment: HoldRow["fulfilment"];
  execution?: JsonObject;
}

export interface NewRunHold {
  row: NewHoldRow;
  timeoutSeconds: number | null;
  respondSeconds: number | null;
  /** What the policy's version that runs beside would have done. */
  shadow?: JsonObject | null;
}

export interface NewAsk {
  id: string;
  callId: string;
  key: string;
  occurrence: number;
  questionHash: string;
  holdId: string;
  attempt: number;
}

/** How a question goes together with the open hold for the same end user and provider. */
export interface Share {
  provider: string;
  /** The hold that is known to be open; null when there is none. */
  expected: string | null;
  /** The new hold that takes its place; null to wait for it too. */
  byHoldId: string | null;
}

export interface KeptValue {
  callId: string;
  attempt: number;
  name: string;
  value: JsonValue;
}

/** See call_agent_v1. */
export interface NewChild {
  id: string;
  agentId: string;
  callId: string;
  input: string;
  model: string;
  maxSteps: number;
  ancestors: string[];
  path: string[];
  message: JsonObject;
  messageId: string;
}

export interface Commit {
  run?: {
    /** Given together; the commit is refused when the run is in another state by then. */
    from?: RunStatus;
    status?: RunStatus;
    output?: string;
    error?: JsonObject;
    endReason?: string;
    step?: number;
    modelAttempts?: number;
    usage?: Usage;
    model?: string;
    /** Of the current step's answer, which keeps it too. */
    confidence?: number;
    /** With `confidence`: the hold of this commit that asks a person about the answer. */
    resultHoldId?: string | undefined;
  };
  step?: {
    id: string;
    position: number;
    model: string;
    status: StepRow["status"];
    text?: string;
    finishReason?: string;
    usage?: Usage;
    error?: JsonObject;
  };
  messages?: { role: "user" | "assistant" | "tool"; message: JsonObject }[];
  calls?: NewCall[];
  callChanges?: CallChange[];
  holds?: NewRunHold[];
  holdChanges?: HoldChange[];
  /** Of calls that become suspended. */
  asks?: NewAsk[];
  /** In the order of their providers. */
  shares?: Share[];
  kept?: KeptValue[];
  /** The run that a call becomes which is suspended by this commit. */
  child?: NewChild;
  events?: NewEvent[];
  /** Words of operators that the model is told with it. */
  heard?: string[];
  /** It may end although there are words that the model has not heard. */
  despiteNotes?: true;
  /** Actions of the run that this one goes on from, and the calls that take them over. */
  reused?: { id: string; callId: string }[];
  /** Of the policy that held or let through what is in it. */
  policyRevision?: number | undefined;
  /** Gives the lease back. Ending a run does so by itself. */
  release?: boolean;
  /** Due again that much later. */
  advanceSeconds?: number;
}

export interface StartCall {
  callId: string;
  actionHash: string;
  isAutomatic: boolean;
  because?: "answered" | "idempotent" | "resumed" | undefined;
  reasons: JsonValue;
  /** Of the policy that was asked about it, for the database to compare. */
  policyRevision?: number | undefined;
  /** What else of the policy's word is recorded. */
  ruling?: JsonObject | undefined;
}

/** What a call has asked and kept before this attempt. */
export interface EarlierAttempts {
  asks: StoredAsk[];
  once: Record<string, JsonValue>;
}

export type StartedCall =
  | { code: "ok"; arguments: JsonObject; attempt: number; grant: GrantRow | null; earlier: EarlierAttempts }
  | { code: "not_approved" | "action_changed" | "entitlement_lost" | "grant_spent" };

export interface FinishCall {
  callId: string;
  attempt: number;
  /** `unknown`: broken off because the run was cancelled over it. Taken for nothing where it was not. */
  status: "succeeded" | "failed" | "unknown";
  result?: JsonValue;
  error?: JsonObject;
  /** Taken for nothing where the run was not cancelled. */
  isOfCancelled?: boolean;
  /** With whom the call dealt, as its tool says: after a success they are known. */
  counterparty?: string | undefined;
}

/** No transition is written that the legality tables do not know; what the guard in the database checks is `from`. */
export function checkLegality({ run, callChanges = [], holdChanges = [] }: Commit): void {
  if (run?.status !== undefined) requireEdge(RUN_LEGALITY, run.from, run.status, "run");
  for (const { from, status, id } of callChanges) {
    if (from !== status) requireEdge(TOOL_CALL_LEGALITY, from, status, id);
  }
  for (const { from, fulfilment, id } of holdChanges) requireEdge(FULFILMENT_LEGALITY, from, fulfilment, id);
}

function requireEdge<Status extends string>(
  table: Record<string, Edge<Status>>,
  from: Status | undefined,
  to: Status,
  subject: string,
): void {
  const isLegal = Object.values(table).some(
    (edge) => from !== undefined && edge.to === to && edge.from.includes(from),
  );
  if (!isLegal) throw new TypeError(`No command leads from ${from ?? "nowhere"} to ${to} (${subject}).`);
}

const STATE_EVENTS: ReadonlySet<EventType> = new Set(["run.holding", "run.completed", "run.failed"]);

export function orderEvents(events: readonly NewEvent[]): { first: NewEvent[]; last: NewEvent[] } {
  return {
    first: events.filter(({ type }) => !STATE_EVENTS.has(type)),
    last: events.filter(({ type }) => STATE_EVENTS.has(type)),
  };
}
