import type {
  JsonObject,
  JsonValue,
  Reason,
  OrderScope,
  Run,
  RunNote,
  RunStatus,
  RunSummary,
  ToolCall,
  ToolCallStatus,
} from "@holdpoint/protocol";
import type { ToolEndUser } from "../agents/tool-context.ts";
import { renderInstant, renderInstantOrNull } from "../database/instant.ts";
import { renderHold, type HoldRow } from "../holds/hold-row.ts";
import type { Prices } from "../agents/price.ts";
import { costOf, costOfRun } from "./cost.ts";
import { timeOf, type TimeColumns } from "./run-time.ts";

export interface Usage {
  inputTokens: number;
  outputTokens: number;
  totalTokens: number;
}

/** A row of holdpoint.runs as `row_to_json` gives it. */
export interface RunRow extends TimeColumns {
  org_id: string;
  id: string;
  agent_id: string;
  status: RunStatus;
  version: number;
  input: string;
  output: string | null;
  error: JsonObject | null;
  end_reason: string | null;
  session_id: string | null;
  end_user_id: string | null;
  /** Only of a run that a worker has loaded: what the app has told of the person. */
  endUser?: ToolEndUser | null;
  /** Only of a run that a worker has loaded, and that another has called: the agents of those above it. */
  callers?: string[] | null;
  metadata: JsonObject | null;
  model: string | null;
  step: number;
  max_steps: number;
  model_attempts: number;
  usage: Usage | null;
  confidence: number | null;
  starter: string;
  starter_kind: "agent" | "member" | "operator_key";
  starter_name: string | null;
  starter_member_id: string | null;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  lease_epoch: number;
  pause_requested: boolean;
  /** Of a fork. */
  forked_from: string | null;
  forked_step: number | null;
  /** The standing order that pauses it. */
  pause_scope: OrderScope | null;
  /** Null of a run of this service. */
  heartbeat_seconds: number | null;
  heartbeat_at: string | null;
  lost_at: string | null;
  progress: { steps?: number | null; text?: string | null } | null;
  /** The run of its session that has to end first. */
  waits_for: string | null;
  /** Of a run that a call of another one made. */
  parent_run_id: string | null;
  parent_call_id: string | null;
  /** Whether a call of it has called an agent. */
  has_children?: boolean | null;
  /** The runs above it, the outermost first, and the agents' names, this one's too. */
  ancestors: string[] | null;
  path: string[] | null;
}

export function addUsage(before: Usage | null, more: Usage): Usage {
  return {
    inputTokens: (before?.inputTokens ?? 0) + more.inputTokens,
    outputTokens: (before?.outputTokens ?? 0) + more.outputTokens,
    totalTokens: (before?.totalTokens ?? 0) + more.totalTokens,
  };
}

export interface StepRow {
  id: string;
  position: number;
  status: "running" | "completed" | "failed";
  model: string;
  text: string;
  finish_reason: string | null;
  usage: Usage | null;
  /** How sure the agent is of this step's answer, once that was estimated. */
  confidence: number | null;
  /** The escalation that asks a person about this step's answer. */
  hold_id: string | null;
  started_at: string;
  ended_at: string | null;
}

export interface CallRow {
  id: string;
  run_id: string;
  step: number;
  position: number;
  provider_call_id: string;
  name: string;
  arguments: JsonValue;
  status: ToolCallStatus;
  hold_id: string | null;
  action_hash: string | null;
  tool_hash: string | null;
  attempt: number;
  result: JsonValue;
  error: JsonObject | null;
  /** What a person did to it, last. */
  steered: ToolCall["steered"];
  reused_from: ToolCall["reusedFrom"];
  started_at: string | null;
  ended_at: string | null;
}

/** A question that a call asked, and the hold that it waits for. */
export interface AskRow {
  id: string;
  tool_call_id: string;
  key: string;
  hold_id: string;
  attempt: number;
}

/** A run as lists show it. */
export function renderRunSummary(row: RunRow): RunSummary {
  return {
    id: row.id,
    orgId: row.org_id,
    agentId: row.agent_id,
    status: row.status,
    input: row.input,
    output: row.output,
    error: row.error,
    endReason: row.end_reason,
    sessionId: row.session_id,
    endUserId: row.end_user_id,
    metadata: row.metadata,
    parentRunId: row.parent_run_id,
    path: row.path,
    model: row.model,
    pauseRequested: row.pause_requested,
    waitsFor: row.waits_for,
    pauseScope: row.pause_scope,
    external: renderExternal(row),
    usage: row.usage,
    confidence: row.confidence,
    forkedFrom: row.forked_from === null ? null : { runId: row.forked_from, step: row.forked_step ?? 1 },
    createdAt: renderInstant(row.created_at),
    startedAt: renderInstantOrNull(row.started_at),
    endedAt: renderInstantOrNull(row.ended_at),
  };
}

export interface NoteRow {
  id: string;
  run_id: string;
  text: string;
  by_kind: "member" | "agent";
  by_id: string;
  by_name: string | null;
  created_at: string;
  heard_step: number | null;
}

export function renderNote(row: NoteRow): RunNote {
  return {
    id: row.id,
    runId: row.run_id,
    text: row.text,
    by: { kind: row.by_kind, id: row.by_id, name: row.by_name },
    createdAt: renderInstant(row.created_at),
    heardStep: row.heard_step,
  };
}

function renderExternal(row: RunRow): RunSummary["external"] {
  if (row.heartbeat_seconds === null || row.heartbeat_at === null) return null;
  return {
    heartbeatSeconds: row.heartbeat_seconds,
    heartbeatAt: renderInstant(row.heartbeat_at),
    lostAt: renderInstantOrNull(row.lost_at),
    steps: row.progress?.steps ?? null,
    text: row.progress?.text ?? null,
  };
}

export interface RunParts {
  now: string;
  run: RunRow;
  messages: JsonObject[];
  calls: CallRow[];
  steps: StepRow[];
  /** Also of the runs that it called. */
  holds: HoldRow[];
  /** Runs that its calls made. */
  children: { id: string; callId: string }[];
  /** Why calls went ahead by themselves, by call. */
  reasons: Record<string, Reason[]>;
  notes: NoteRow[];
  forks: string[];
}

/** A run with all that belongs to it. */
export function renderRun(parts: RunParts, prices: Prices): Run {
  const { now, run, messages, calls, steps, holds, children, reasons, notes, forks } = parts;
  return {
    ...renderRunSummary(run),
    messages,
    toolCalls: calls.map((call) => ({
      ...renderCall(call, reasons[call.id] ?? null),
      childRunId: children.find(({ callId }) => callId === call.id)?.id ?? null,
    })),
    holds: holds.map((hold) => renderHold(hold, now)),
    steps: steps.map((step) => ({
      position: step.position,
      status: step.status,
      model: step.model,
      text: step.text,
      finishReason: step.finish_reason,
      usage: step.usage,
      confidence: step.confidence,
      holdId: step.hold_id,
      cost: costOf(step.usage, step.model, prices),
      startedAt: renderInstant(step.started_at),
      endedAt: renderInstantOrNull(step.ended_at),
    })),
    notes: notes.map(renderNote),
    time: timeOf(run, now),
    cost: costOfRun(run, steps, prices),
    forks,
  };
}

export function renderCall(call: CallRow, reasons: Reason[] | null): Omit<ToolCall, "childRunId"> {
  return {
    id: call.id,
    step: call.step,
    name: call.name,
    arguments: call.arguments,
    status: call.status,
    result: call.result,
    error: call.error,
    holdId: call.hold_id,
    attempt: call.attempt,
    startedAt: renderInstantOrNull(call.started_at),
    endedAt: renderInstantOrNull(call.ended_at),
    reasons: call.hold_id === null ? reasons : null,
    steered: renderSteering(call.steered),
    reusedFrom: call.reused_from,
  };
}

function renderSteering(steered: CallRow["steered"]): ToolCall["steered"] {
  if (steered === null) return null;
  const { action, by, at, reason } = steered;
  return { action, by, at: renderInstant(at), reason };
}
