import type { ModelMessage } from "ai";
import { toldStepLimit } from "@holdpoint/core";
import type { JsonObject, JsonValue } from "@holdpoint/protocol";
import type { DefinedAgent } from "../agents/agent.ts";
import { streamTurn, type ModelCall, type ModelTurn } from "../agents/models/stream-turn.ts";
import { storableJson } from "../agents/models/storable-text.ts";
import { backoffSeconds, MAX_MODEL_ATTEMPTS, readModelFailure } from "./backoff.ts";
import type { Commit, NewCall, NewEvent, NewRunHold } from "./commit.ts";
import { EarlierActions, resultOfReused } from "./earlier-actions.ts";
import { LeaseLostError, NotesUnheardError, PolicyOutdatedError } from "./journal.ts";
import type { LoadedRun, ReusableAction } from "./loaded-run.ts";
import { IncreasingIds } from "./increasing-id.ts";
import { evaluateCall, hashOfCall, holdForCall, proposeCall } from "./propose-call.ts";
import type { PolicyInForce } from "../policies/policy-store.ts";
import { addUsage, type RunRow, type StepRow } from "./run-row.ts";
import { contextOf, failRun, type Progress, type RunWork } from "./run-work.ts";
import { TextWriter } from "./text-writer.ts";

/** Asks the model for the turn that has begun, and commits what it said as a whole. */
export async function askModel(
  work: RunWork,
  loaded: LoadedRun,
  step: StepRow,
  agent: DefinedAgent,
): Promise<Progress> {
  const waitSeconds = await takeModelCall(work);
  if (waitSeconds > 0) {
    // Waiting costs nothing: no process keeps the run meanwhile.
    await work.journal.commit("throttle", { release: true, advanceSeconds: waitSeconds });
    return "done";
  }
  let turn: ModelTurn;
  try {
    turn = await converse(work, loaded, step, agent);
  } catch (error) {
    return answerFailure(work, loaded, error);
  }
  return commitTurn(work, loaded, step, agent, turn);
}

/** Seconds until a model call may be made; 0 when one was taken. */
export async function takeModelCall(work: RunWork): Promise<number> {
  const { modelCallsPerMinute, database } = work.deps;
  if (modelCallsPerMinute === undefined) return 0;
  return Number(
    await database.call("take_model_call_v1", `org:${work.journal.lease.orgId}`, modelCallsPerMinute),
  );
}

async function converse(
  work: RunWork,
  loaded: LoadedRun,
  step: StepRow,
  agent: DefinedAgent,
): Promise<ModelTurn> {
  const model = await work.deps.models.load(agent);
  const writer = new TextWriter(work.journal, step.position, work.logger);
  try {
    return await streamTurn({
      model,
      agent,
      endUser: loaded.run.endUser,
      messages: [...loaded.history, ...loaded.messages] as unknown as ModelMessage[],
      signal: AbortSignal.any([work.stopping, work.lost]),
      onText: (text) => writer.update(text),
    });
  } finally {
    await writer.end();
  }
}

/** Retried with back-off when that may help; else the run fails with the cause. */
async function answerFailure(work: RunWork, loaded: LoadedRun, error: unknown): Promise<Progress> {
  if (work.lost.aborted) throw new LeaseLostError(work.journal.lease);
  if (work.stopping.aborted) return "again"; // nothing was committed; whoever takes the run asks again
  const { run } = loaded;
  const failure = readModelFailure(error);
  const attempts = run.model_attempts + 1;
  if (failure.isRetryable && attempts < MAX_MODEL_ATTEMPTS) {
    const delay = backoffSeconds(attempts, failure, work.deps.random());
    work.logger.warn(
      { err: error, attempts, delaySeconds: delay },
      `The model failed in run ${run.id}; asking again later.`,
    );
    await work.journal.commit("retry", {
      run: { modelAttempts: attempts },
      release: true,
      advanceSeconds: delay,
    });
    return "done";
  }
  const isMissing =
    typeof error === "object" && error !== null && "code" in error && error.code === "no_model";
  return failRun(work, loaded, {
    code: isMissing ? "no_model" : "model_failed",
    message: failure.message,
    statusCode: failure.statusCode ?? null,
    attempts,
  });
}

interface Proposal {
  call: NewCall;
  hold?: NewRunHold;
  event?: NewEvent;
  /** Something that the run before it has executed or begun. */
  reused?: { id: string; callId: string };
}

const MAX_POLICY_CHANGES = 5;

/** Under one policy as a whole; when that changes meanwhile, the same turn under the next: the model is not asked again. */
async function commitTurn(
  work: RunWork,
  { run, reusable }: LoadedRun,
  step: StepRow,
  agent: DefinedAgent,
  turn: ModelTurn,
): Promise<Progress> {
  let mayEnd = true;
  for (let changes = 0; ; changes++) {
    try {
      const policy = await work.deps.policies.get(run.org_id);
      const earlier = new EarlierActions(reusable ?? []);
      return await commitTurnUnder(work, policy, { run, step, agent, turn, earlier, mayEnd });
    } catch (error) {
      // An operator has said something while the model spoke: it is heard before the run ends.
      if (error instanceof NotesUnheardError && mayEnd) {
        mayEnd = false;
        continue;
      }
      if (!(error instanceof PolicyOutdatedError) || changes >= MAX_POLICY_CHANGES) throw error;
    }
  }
}

interface TurnToCommit {
  run: RunRow;
  step: StepRow;
  agent: DefinedAgent;
  turn: ModelTurn;
  earlier: EarlierActions;
  mayEnd: boolean;
}

async function commitTurnUnder(
  work: RunWork,
  policy: PolicyInForce,
  { run, step, agent, turn, earlier, mayEnd }: TurnToCommit,
): Promise<Progress> {
  const proposals: Proposal[] = [];
  const ids = new IncreasingIds();
  for (const [position, call] of turn.calls.entries())
    proposals.push(await propose(work, run, agent, { call, position, ids, policy, earlier }));
  const holds = proposals.flatMap(({ hold }) => (hold === undefined ? [] : [hold]));
  const isLast = proposals.length === 0;
  // An answer whose confidence counts is judged in a move of its own, so that it is there whatever becomes of that.
  const isOver = isLast && agent.confidence === undefined && mayEnd;
  const reused = proposals.flatMap(({ reused: one }) => (one === undefined ? [] : [one]));
  const mustWait = holds.length > 0 && proposals.every(({ call }) => call.status !== "proposed");
  const usage = addUsage(run.usage, turn.usage);
  const commit: Commit = {
    run: {
      modelAttempts: 0,
      usage,
      ...(isOver && { from: run.status, status: "completed", output: turn.text, endReason: "end_turn" }),
      ...(mustWait && { from: run.status, status: "holding" }),
    },
    step: {
      id: step.id,
      position: step.position,
      model: step.model,
      status: "completed",
      text: turn.text,
      finishReason: turn.finishReason,
      usage: turn.usage,
    },
    messages:
      turn.message === undefined ? [] : [{ role: "assistant", message: storableMessage(turn.message) }],
    calls: proposals.map(({ call }) => call),
    holds,
    events: [
      { type: "run.step", data: stepData(step, turn, proposals) },
      ...proposals.flatMap(({ event }) => (event === undefined ? [] : [event])),
      ...(mustWait
        ? [{ type: "run.holding" as const, data: { holdIds: holds.map(({ row }) => row.id) } }]
        : []),
      ...(isOver
        ? [
            {
              type: "run.completed" as const,
              data: { output: turn.text, endReason: "end_turn", usage: { ...usage } },
            },
          ]
        : []),
    ],
    release: mustWait,
    ...(run.step >= run.max_steps && { despiteNotes: true as const }),
    ...(reused.length > 0 && { reused }),
    policyRevision: policy.revision,
  };
  await work.journal.commit("turn", commit);
  for (const { row } of holds) work.logger.info({ holdId: row.id }, `Held for a person: ${row.title}`);
  return isOver || mustWait ? "done" : "again";
}

async function propose(
  work: RunWork,
  run: RunRow,
  agent: DefinedAgent,
  {
    call: modelCall,
    position,
    ids,
    policy,
    earlier,
  }: {
    call: ModelCall;
    position: number;
    ids: IncreasingIds;
    policy: PolicyInForce;
    earlier: EarlierActions;
  },
): Promise<Proposal> {
  const proposed = proposeCall(agent, modelCall);
  const id = ids.next("call");
  const common = { id, position, providerCallId: modelCall.providerCallId };
  const refuse = (name: string, args: JsonValue, code: string, message: string): Proposal => ({
    call: { ...common, name, arguments: args, status: "failed", error: { code, message } },
    event: {
      type: "action.refused",
      toolCallId: id,
      actionName: name,
      data: { arguments: args, code, message },
    },
  });
  if (proposed.type === "refused") {
    work.logger.warn({ toolCallId: id, reason: proposed.reason }, proposed.told);
    return refuse(proposed.name, proposed.arguments, proposed.reason, proposed.told);
  }
  const { tool } = proposed;
  if (run.step >= run.max_steps) {
    return refuse(tool.name, proposed.arguments, "step_limit", toldStepLimit(tool.name, run.max_steps));
  }
  const taken = earlier.take(tool.name, proposed.arguments);
  if (taken !== undefined && taken.status !== "cancelled")
    return takeOver(taken, { ...common, name: tool.name, arguments: proposed.arguments });
  const begun = taken && { reused: { id: taken.tool_call_id, callId: id } };
  const context = contextOf(work, run, { id, attempt: 1, hold_id: null });
  const ruling = await evaluateCall(work.deps, policy, {
    tool,
    arguments: proposed.arguments,
    context,
    step: run.step,
    callers: run.callers,
  });
  const call = {
    ...common,
    name: tool.name,
    arguments: proposed.arguments,
    actionHash: hashOfCall(run, id, tool, proposed.arguments),
    toolHash: tool.toolHash,
  };
  if (!ruling.evaluation.held) {
    work.rulings.set(id, ruling);
    return { call: { ...call, status: "proposed" }, ...begun };
  }
  const hold = await holdForCall({
    holdId: ids.next("hold"),
    run,
    callId: id,
    tool,
    arguments: proposed.arguments,
    ruling,
    context,
  });
  return { call: { ...call, status: "gated", holdId: hold.row.id }, hold, ...begun };
}

/** Executed before, in the run that this one goes on from: nothing starts, so nobody is asked (no claim, I1). */
function takeOver(
  action: ReusableAction,
  call: Pick<NewCall, "id" | "position" | "providerCallId" | "name" | "arguments">,
): Proposal {
  const reusedFrom = { runId: action.from_run_id, toolCallId: action.tool_call_id };
  const outcome: Pick<NewCall, "status" | "result" | "error"> =
    action.status === "succeeded"
      ? { status: "succeeded", result: resultOfReused(action) }
      : { status: "failed", ...(action.error !== null && { error: action.error }) };
  return {
    call: { ...call, ...outcome, reusedFrom },
    reused: { id: action.tool_call_id, callId: call.id },
    event: {
      type: "action.reused",
      toolCallId: call.id,
      actionName: call.name,
      data: { ...reusedFrom, arguments: call.arguments, executedWith: action.arguments },
    },
  };
}

function stepData(step: StepRow, turn: ModelTurn, proposals: readonly Proposal[]): JsonObject {
  return {
    step: step.position,
    model: step.model,
    text: turn.text,
    finishReason: turn.finishReason,
    usage: { ...turn.usage },
    toolCalls: proposals.map(({ call }) => ({
      id: call.id,
      name: call.name,
      arguments: call.arguments,
      status: call.status,
      holdId: call.holdId ?? null,
    })),
  };
}

/** Verbatim, but as JSON: what the SDK left undefined is left out. */
function storableMessage(message: ModelMessage): JsonObject {
  return storableJson(JSON.parse(JSON.stringify(message)) as JsonObject) as JsonObject;
}
