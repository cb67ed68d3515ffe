import { toldUnknownFailed, toldUnknownSucceeded, type ExecutionFinding } from "@holdpoint/core";
import {
  createId,
  isJsonObject,
  UNKNOWN_EXECUTION_VERDICTS,
  type JsonObject,
  type JsonValue,
} from "@holdpoint/protocol";
import { newHoldRow } from "../holds/new-hold.ts";
import type { HoldRow } from "../holds/hold-row.ts";
import { evaluateQuestion } from "../policies/evaluate-question.ts";
import type { CallChange, NewEvent, NewRunHold } from "./commit.ts";
import type { LoadedRun } from "./loaded-run.ts";
import { hashOfCall } from "./propose-call.ts";
import type { CallRow } from "./run-row.ts";
import type { RunWork } from "./run-work.ts";
import { findTool } from "./refuse-call.ts";
import { restartCall } from "./start-call.ts";

/** Calls that a dead worker started: nobody knows whether they ran (I2). Where a repetition could harm, a person is asked. */
export async function loseCalls(work: RunWork, loaded: LoadedRun, calls: readonly CallRow[]): Promise<void> {
  const asked = calls.filter((call) => findTool(work, loaded.run, call)?.isIdempotent !== true);
  const escalations = asked.map((call) => escalationFor(loaded, call));
  await work.journal.commit("lose", {
    callChanges: calls.map(({ id }) => ({ id, from: "executing", status: "unknown" })),
    holdChanges: calls.flatMap(({ hold_id }) =>
      hold_id === null ? [] : [{ id: hold_id, from: "executing" as const, fulfilment: "unknown" as const }],
    ),
    holds: escalations,
    events: calls.map((call) => ({
      type: "action.unknown",
      toolCallId: call.id,
      holdId: call.hold_id,
      actionName: call.name,
      actionHash: call.action_hash,
      actorKind: "system",
      data: { attempt: call.attempt, arguments: call.arguments },
    })),
  });
  for (const [index, call] of asked.entries()) {
    work.logger.error(
      { holdId: call.hold_id, toolCallId: call.id, escalationId: escalations[index]?.row.id },
      `${call.name} was interrupted; a person is asked whether it was executed.`,
    );
  }
}

/** A call of unknown outcome: started again where that is safe, asked about, or settled as a person said. */
export async function settleCall(
  work: RunWork,
  loaded: LoadedRun,
  call: CallRow,
  escalation: HoldRow | undefined,
): Promise<void> {
  if (escalation === undefined) {
    if (findTool(work, loaded.run, call)?.isIdempotent === true)
      return startAgain(work, loaded, call, "idempotent");
    await work.journal.commit("ask", { holds: [escalationFor(loaded, call)] });
    return;
  }
  const answer = readAnswer(escalation);
  switch (answer.executed) {
    case "retry":
      return startAgain(work, loaded, call, "answered");
    case "succeeded":
      return settle(work, loaded, call, escalation, {
        status: "succeeded",
        result: answer.result ?? toldUnknownSucceeded(call.name),
      });
    case "failed":
      return settle(
        work,
        loaded,
        call,
        escalation,
        failed("reported_failed", toldUnknownFailed(call.name, answer.comment)),
      );
    case undefined:
      return settle(work, loaded, call, escalation, failed("unknown", toldNeverKnown(call.name)));
  }
}

function readAnswer(escalation: HoldRow): {
  executed: ExecutionFinding | undefined;
  result: JsonValue | undefined;
  comment: string | null;
} {
  const answer = escalation.outcome?.answer;
  const comment = escalation.outcome?.comment ?? null;
  if (escalation.status !== "answered" || !isJsonObject(answer ?? undefined)) {
    return { executed: undefined, result: undefined, comment };
  }
  const { executed, result } = answer as { executed: ExecutionFinding; result?: JsonValue };
  return { executed, result, comment: comment ?? (typeof result === "string" ? result : null) };
}

async function startAgain(
  work: RunWork,
  loaded: LoadedRun,
  call: CallRow,
  because: "answered" | "idempotent",
): Promise<void> {
  const hold = loaded.holds.find(({ id }) => id === call.hold_id);
  const args = call.hold_id === null ? (call.arguments as JsonObject) : (hold?.outcome?.arguments ?? {});
  const allowed = call.hold_id === null ? call.action_hash : hold?.outcome?.actionHash;
  const tool = findTool(work, loaded.run, call);
  const actionHash = tool === undefined ? undefined : hashOfCall(loaded.run, call.id, tool, args);
  if (tool === undefined || actionHash === undefined || actionHash !== allowed) {
    const message = `Action '${call.name}' was interrupted and not run again, because the tool has changed since.`;
    return settle(work, loaded, call, undefined, failed("unknown", message));
  }
  await restartCall(work, loaded.run, call, tool, { actionHash, because });
}

type Finding = { status: "succeeded"; result: JsonValue } | { status: "failed"; error: JsonObject };

function failed(code: string, message: string): Finding {
  return { status: "failed", error: { code, message } };
}

/** Nobody answered, or the question was withdrawn. */
function toldNeverKnown(tool: string): string {
  return `Action '${tool}' was interrupted, and nobody could say whether it was executed; do not take it for done and do not try it again.`;
}

async function settle(
  work: RunWork,
  { run, holds }: LoadedRun,
  call: CallRow,
  escalation: HoldRow | undefined,
  finding: Finding,
): Promise<void> {
  const hold = holds.find(({ id }) => id === call.hold_id);
  const hasSucceeded = finding.status === "succeeded";
  const execution = hasSucceeded ? { result: finding.result } : { error: finding.error };
  const by = escalation?.outcome?.by;
  const change: CallChange = { id: call.id, from: "unknown", ...finding };
  const event: NewEvent = {
    type: hasSucceeded ? "action.executed" : "action.failed",
    toolCallId: call.id,
    holdId: call.hold_id,
    actionName: call.name,
    actionHash: call.action_hash,
    ...(escalation?.status === "answered" && by !== undefined
      ? { actorKind: "member", actorId: by.id, actorName: by.name }
      : { actorKind: "system" }),
    data: { attempt: call.attempt, escalationId: escalation?.id ?? null, ...execution },
  };
  await work.journal.commit("settle", {
    callChanges: [change],
    holdChanges:
      hold?.fulfilment === "unknown"
        ? [{ id: hold.id, from: "unknown", fulfilment: hasSucceeded ? "executed" : "failed", execution }]
        : [],
    events: [event],
  });
  work.logger.info(
    { runId: run.id, holdId: call.hold_id, escalationId: escalation?.id },
    `${call.name} was settled: ${finding.status}.`,
  );
}

const ANSWER_SCHEMA = {
  type: "object",
  properties: { executed: { enum: ["succeeded", "failed", "retry"] }, result: {} },
  required: ["executed"],
  additionalProperties: false,
};

/** The question what became of a lost execution. It stays open until somebody knows: silence answers no question of fact. */
function escalationFor({ run, holds }: LoadedRun, call: CallRow): NewRunHold {
  const hold = holds.find(({ id }) => id === call.hold_id);
  const evaluation = evaluateQuestion("escalation", { onTimeout: "hold", route: hold?.route }, [
    {
      rule: "unknown_execution",
      text: `${call.name} was started, and the process ended before its outcome was recorded.`,
    },
  ]);
  const row = newHoldRow({
    id: createId("hold"),
    kind: "escalation",
    evaluation,
    title: `Was "${call.name}" executed?`,
    summary:
      "The service stopped while this action was running. Look where its effect would be seen, then say whether it " +
      "succeeded, failed, or should be run again.",
    question: {
      type: "custom",
      name: "unknown_execution",
      data: {
        toolCallId: call.id,
        holdId: call.hold_id,
        tool: call.name,
        arguments: hold?.outcome?.arguments ?? call.arguments,
        attempt: call.attempt,
        startedAt: call.started_at,
      },
      schema: ANSWER_SCHEMA,
    },
    verdicts: UNKNOWN_EXECUTION_VERDICTS,
    agentId: run.agent_id,
    runId: run.id,
    toolCallId: call.id,
    sessionId: run.session_id ?? undefined,
    endUserId: run.end_user_id ?? undefined,
  });
  return { row, timeoutSeconds: evaluation.timeoutSeconds, respondSeconds: evaluation.respondSeconds };
}
