import type { ToolEndUser } from "../agents/tool-context.ts";
import type { JsonObject, JsonValue, RunStatus } from "@holdpoint/protocol";
import type { HoldRow } from "../holds/hold-row.ts";
import type { AskRow, CallRow, RunRow, StepRow } from "./run-row.ts";

/** What another run has executed, or begun (`cancelled`): it is not done again. */
export interface ReusableAction {
  tool_call_id: string;
  from_run_id: string;
  name: string;
  /** As the model proposed it there. */
  proposed: JsonValue;
  /** As it was executed. */
  arguments: JsonValue;
  status: "succeeded" | "failed" | "cancelled";
  result: JsonValue;
  error: JsonObject | null;
}

/** A run that a call has called. */
export interface ChildRow {
  id: string;
  callId: string;
  status: RunStatus;
  output: string | null;
  error: JsonObject | null;
  /** While it holds: what it waits for, or an agent that it called in turn. */
  holdIds: string[] | null;
}

/** All that a worker needs to go on with a run. */
export interface LoadedRun {
  now: string;
  /** With whom it works for. */
  run: RunRow & { endUser: ToolEndUser | null };
  /** Messages of earlier runs of the session. */
  history: JsonObject[];
  messages: JsonObject[];
  step: StepRow | null;
  /** Of the current step, in call order. */
  calls: CallRow[];
  /** What those calls have asked. */
  asks: AskRow[];
  /**
   * Of the current step's calls: approvals, questions, and escalations about lost executions. And the one about its answer.
   * A question may be another run's, which asked it first.
   */
  holds: HoldRow[];
  /** Words of operators that the model has not heard; null when there is none. */
  notes: { id: string; text: string; byKind: "member" | "agent" }[] | null;
  /** Of a fork: what the run that it goes on from has executed and this one has not come to. */
  reusable: ReusableAction[] | null;
  /** Runs of agents that those calls have called, one a call. */
  children: ChildRow[];
  /** How many answers of this run a person has sent back before the current step. */
  sendBacks: number;
}
