import type {
  GiveResult,
  JsonObject,
  JsonValue,
  Reason,
  ToolCall,
  ToolCallStatus,
} from "@holdpoint/protocol";
import { ProblemError } from "../problem.ts";
import { controlRunAsCaller } from "./control-run.ts";
import { runRefusal, type RunAnswer } from "./run-refusal.ts";
import { IncreasingIds } from "./increasing-id.ts";
import { runEnded } from "./run-ended.ts";
import { renderCall, type CallRow, type RunRow } from "./run-row.ts";
import type { SteerDeps, SteerRequest } from "./tell-run.ts";

export type SteerCallRequest = SteerRequest & { callId: string };

/** What a function that steers a call answers. */
export interface CallAnswer extends RunAnswer {
  run?: RunRow;
  call?: CallRow;
  reasons?: Reason[] | null;
}

/**
 * Takes a call over: its result is what a person says, and nothing executes it any more (I1, I2). Its open holds are closed. Of a
 * run that has ended, it settles a call whose outcome nobody knew. One round trip.
 *
 * Throws `conflict` for a call that is executing or has ended, `run_ended`, `not_found` and `not_allowed`.
 */
export function giveResult(
  deps: SteerDeps,
  { body, ...request }: SteerCallRequest & { body: GiveResult },
): Promise<ToolCall> {
  const { reason, error } = body;
  return steerCall(deps, request, {
    action: "taken_over",
    reason,
    ...(error === undefined
      ? { status: "succeeded", result: body.result as JsonValue }
      : { status: "failed", error: { code: "taken_over", message: error } }),
  });
}

/** Withdraws a call that has not been executed: the model is told that it was, and why. See {@link giveResult}. */
export function withdrawCall(
  deps: SteerDeps,
  { reason, ...request }: SteerCallRequest & { reason: string },
): Promise<ToolCall> {
  return steerCall(deps, request, { action: "withdrawn", status: "cancelled", reason });
}

interface Steering {
  action: "taken_over" | "withdrawn";
  status: ToolCallStatus;
  result?: JsonValue;
  error?: JsonObject;
  reason: string;
}

/** Holds that one call may have open at a time, for a first try; more are counted and asked for again. */
const FIRST_GUESS = 8;
const MAX_TRIES = 10;

async function steerCall(
  { database, wakeups }: SteerDeps,
  { idempotency, ...request }: SteerCallRequest,
  steering: Steering,
): Promise<ToolCall> {
  let room = FIRST_GUESS;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const ids = new IncreasingIds();
    const holdEventIds = Array.from({ length: room }, () => ids.next("evt"));
    const answer = (await database.callIdempotent("steer_call_v1", {
      ...request,
      ...steering,
      holdEventIds,
      eventId: ids.next("evt"),
      idempotencyKey: idempotency?.key,
      bodyHash: idempotency?.bodyHash,
    })) as CallAnswer & { holdIds?: string[]; room?: number; childRunId?: string | null };
    // Holds came while it was asked: nothing was done.
    if (answer.code === "again") {
      room = Math.max(room, (answer.room ?? 0) + FIRST_GUESS);
      continue;
    }
    const { run, call, holdIds = [], reasons = null } = answer;
    if (answer.code !== "ok" || run === undefined || call === undefined) throw callRefusal(answer, request);
    wakeups.publish([`run:${run.id}`, `org:${run.org_id}`, "advance", ...holdIds.map((id) => `hold:${id}`)]);
    const { childRunId = null } = answer;
    if (childRunId !== null) {
      // Should this process die now, sweepNestedRuns finds it.
      const child = { orgId: run.org_id, parentRunId: run.id, runId: childRunId };
      await controlRunAsCaller(
        { database, wakeups },
        { ...child, action: "cancel", reason: steering.reason },
      );
    }
    return { ...renderCall(call, reasons), childRunId };
  }
  throw new ProblemError("conflict", `Call ${request.callId} changes too fast just now. Send it again.`);
}

export function callRefusal(
  answer: CallAnswer,
  { runId, callId }: { runId: string; callId: string },
): ProblemError {
  const { call, run } = answer;
  const because = (text: string): ProblemError =>
    new ProblemError("conflict", text, { callStatus: call?.status });
  switch (answer.code) {
    case "no_call":
      return new ProblemError("not_found", `Run ${runId} has no call ${callId}.`);
    case "run_ended":
      return runEnded(run ?? { id: runId, status: "completed" }, "its calls stay as they are");
    case "executing":
      return because(
        `Call ${callId} is executing at this moment: wait until it has ended, or cancel the run.`,
      );
    case "unknown":
      return because(
        `Nobody knows whether call ${callId} was executed, so it cannot be withdrawn: give its result instead.`,
      );
    case "call_ended":
      return because(`Call ${callId} is ${call?.status ?? "over"} already: that stays so.`);
    case "not_gated":
      return because(
        `Call ${callId} is ${call?.status ?? "over"} and waits for no decision: only what waits for one can be amended.`,
      );
    case "expired":
      return new ProblemError("expired", `The deadline for deciding on call ${callId} has passed.`);
    default:
      return runRefusal(answer, runId);
  }
}
