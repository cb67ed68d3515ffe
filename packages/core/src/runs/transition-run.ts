import {
  isTerminalRun,
  nextStatus,
  RUN_LEGALITY,
  type EventType,
  type RunCommand,
  type RunStatus,
} from "@holdpoint/protocol";
import { assertNever } from "../assert-never.ts";

/** What the state machine needs to know of a run. */
export interface RunState {
  id: string;
  status: RunStatus;
  /** A person asked for a pause that has not taken effect yet. */
  pauseRequested: boolean;
  /** Holds of this run that have no outcome yet. */
  openHolds: number;
  version: number;
}

export type RunInput =
  | { type: "start" }
  /** The turn is over and these holds are left; they are decided one by one and continued as a whole (I11). */
  | { type: "hold"; openHolds: number }
  /** All holds have their outcome. */
  | { type: "release" }
  /** A step in flight is let to its end; then the worker gives this command again, at its interrupt point. */
  | { type: "pause"; isStepInFlight: boolean }
  | { type: "resume" }
  | { type: "complete"; endReason: "end_turn" | "step_limit" | "result_accepted" | "result_edited" }
  | { type: "fail" }
  | { type: "cancel" };

export type RunEffect =
  | { type: "record"; event: EventType }
  /** The run is due: a worker may take it. */
  | { type: "advanceRun"; runId: string }
  /** Its pending holds are cancelled, and its calls that did not start yet. */
  | { type: "closeHolds"; runId: string }
  | { type: "cancelToolCalls"; runId: string };

export type RunRejection =
  | { code: "run_ended"; status: RunStatus }
  | { code: "holds_open"; openHolds: number }
  | { code: "conflict"; status: RunStatus; command: RunInput["type"] };

export interface RunTransition {
  next: RunState;
  effects: RunEffect[];
}

/**
 * Applies a command to a run. Pausing what is paused, and cancelling what is cancelled, changes nothing and is no
 * error. Cancel beats pause: it is legal in every state that is not an end.
 */
export function transitionRun(run: RunState, command: RunInput): RunTransition | RunRejection {
  if (command.type === "cancel" && run.status === "cancelled") return { next: run, effects: [] };
  if (isTerminalRun(run.status)) return { code: "run_ended", status: run.status };
  switch (command.type) {
    case "start":
      return move(run, "start", ["run.started"]);
    case "hold":
      return hold(run, command.openHolds);
    case "release":
      if (run.openHolds > 0) return { code: "holds_open", openHolds: run.openHolds };
      return move(run, "release", ["run.resumed"]);
    case "pause":
      return pause(run, command.isStepInFlight);
    case "resume":
      return resume(run);
    case "complete":
      return move({ ...run, pauseRequested: false }, "complete", ["run.completed"]);
    case "fail":
      return end(run, "fail", "run.failed");
    case "cancel":
      return end(run, "cancel", "run.cancelled");
    default:
      return assertNever(command);
  }
}

function move(run: RunState, command: RunCommand, events: EventType[]): RunTransition | RunRejection {
  const status = nextStatus<RunStatus>(RUN_LEGALITY[command], run.status);
  if (status === undefined) return conflict(run, command);
  return {
    next: { ...run, status, version: run.version + 1 },
    effects: events.map((event) => ({ type: "record", event })),
  };
}

function hold(run: RunState, openHolds: number): RunTransition | RunRejection {
  const held = move({ ...run, openHolds }, "hold", ["run.holding"]);
  if ("code" in held || !held.next.pauseRequested) return held;
  // The pause that was asked for while the step ran takes effect here: nothing is in flight any more.
  const paused = move({ ...held.next, pauseRequested: false }, "pause", ["run.paused"]);
  return "code" in paused ? paused : { next: paused.next, effects: [...held.effects, ...paused.effects] };
}

function pause(run: RunState, isStepInFlight: boolean): RunTransition | RunRejection {
  if (run.status === "paused") return { next: run, effects: [] };
  // A queued run has had no interrupt point yet; it pauses at its first.
  if (run.status === "queued" || (run.status === "running" && isStepInFlight)) return request(run, true);
  return move({ ...run, pauseRequested: false }, "pause", ["run.paused"]);
}

function resume(run: RunState): RunTransition | RunRejection {
  // Taken back before it took effect.
  if (run.status !== "paused" && run.pauseRequested) return request(run, false);
  const resumed = move(run, run.openHolds > 0 ? "resumeHolding" : "resume", ["run.resumed"]);
  if ("code" in resumed) return resumed;
  if (resumed.next.status === "running") resumed.effects.push({ type: "advanceRun", runId: run.id });
  return resumed;
}

function request(run: RunState, pauseRequested: boolean): RunTransition {
  if (run.pauseRequested === pauseRequested) return { next: run, effects: [] };
  return { next: { ...run, pauseRequested, version: run.version + 1 }, effects: [] };
}

function end(run: RunState, command: "fail" | "cancel", event: EventType): RunTransition | RunRejection {
  const ended = move({ ...run, pauseRequested: false, openHolds: 0 }, command, [event]);
  if ("code" in ended) return ended;
  ended.effects.push({ type: "closeHolds", runId: run.id }, { type: "cancelToolCalls", runId: run.id });
  return ended;
}

function conflict(run: RunState, command: RunCommand): RunRejection {
  return { code: "conflict", status: run.status, command: command === "resumeHolding" ? "resume" : command };
}
