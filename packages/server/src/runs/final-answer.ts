import type { ModelMessage } from "ai";
import {
  assertNever,
  isBelowThreshold,
  reasonOfConfidence,
  TOLD_EDITED,
  toldSentBack,
  triggeredBy,
} from "@holdpoint/core";
import { createId, type JsonObject, type JsonValue, type Reason, type Verdict } from "@holdpoint/protocol";
import type { DefinedAgent } from "../agents/agent.ts";
import { streamTurn } from "../agents/models/stream-turn.ts";
import { storableText } from "../agents/models/storable-text.ts";
import { compareAnswers } from "../confidence/compare-answers.ts";
import {
  ESTIMATE_TIMEOUT_MS,
  estimateByFunction,
  estimateConfidence,
  type Estimate,
} from "../confidence/estimate-confidence.ts";
import type { DefinedConfidence } from "../confidence/options.ts";
import type { HoldRow } from "../holds/hold-row.ts";
import { newHoldRow } from "../holds/new-hold.ts";
import { evaluateQuestion } from "../policies/evaluate-question.ts";
import type { Commit, NewRunHold } from "./commit.ts";
import { LeaseLostError } from "./journal.ts";
import type { LoadedRun } from "./loaded-run.ts";
import { takeModelCall } from "./model-step.ts";
import { addUsage, type StepRow } from "./run-row.ts";
import { agentOf, failRun, type Progress, type RunWork } from "./run-work.ts";

/** How often one run's answers may be sent back; then a person accepts, edits or rejects. */
export const MAX_SEND_BACKS = 3;

/**
 * Finds how sure the agent is of the answer that its last turn gave, and ends the run or asks a person, in the commit
 * that keeps the estimate: after a crash nobody asks the estimator about an answer that was judged (R68 to R75).
 */
export async function judgeAnswer(
  work: RunWork,
  loaded: LoadedRun,
  step: StepRow,
  agent: DefinedAgent,
): Promise<Progress> {
  const { confidence: asked } = agent;
  // The config does not ask for it any more.
  if (asked === undefined) return complete(work, loaded, { output: step.text, endReason: "end_turn" });
  if (asked.method.type !== "function") {
    const waitSeconds = await takeModelCall(work);
    if (waitSeconds > 0) {
      await work.journal.commit("throttle", { release: true, advanceSeconds: waitSeconds });
      return "done";
    }
  }
  let estimate: Estimate;
  try {
    estimate = await estimateAnswer(work, loaded, step, agent, asked);
  } catch (error) {
    if (work.lost.aborted) throw new LeaseLostError(work.journal.lease);
    if (work.stopping.aborted) return "again"; // nothing was committed; whoever takes the run estimates
    throw error;
  }
  const reasons = reasonsFor(asked, estimate, step.text);
  const { confidence, usage } = estimate;
  const judged = { confidence, usage: addUsage(loaded.run.usage, usage) };
  if (!reasons.some(({ rule }) => rule !== UNCERTAIN_ESTIMATE)) {
    return complete(work, loaded, {
      output: step.text,
      endReason: "end_turn",
      judged,
      data: estimateData(asked, estimate),
    });
  }
  const hold = escalationOf(loaded, step, agent, { asked, estimate, reasons });
  await work.journal.commit("escalate", {
    run: { from: loaded.run.status, status: "holding", ...judged, resultHoldId: hold.row.id },
    holds: [hold],
    events: [{ type: "run.holding", data: { holdIds: [hold.row.id], ...estimateData(asked, estimate) } }],
    release: true,
  });
  work.logger.info({ holdId: hold.row.id, confidence }, `Held for a person: ${hold.row.title}`);
  return "done";
}

async function estimateAnswer(
  work: RunWork,
  loaded: LoadedRun,
  step: StepRow,
  agent: DefinedAgent,
  { method }: DefinedConfidence,
): Promise<Estimate> {
  const { run } = loaded;
  const signal = AbortSignal.any([work.stopping, work.lost]);
  const { models } = work.deps;
  switch (method.type) {
    case "model":
      return estimateConfidence({
        task: run.input,
        result: step.text,
        load: () => models.loadEstimator(agent),
        signal,
      });
    case "function":
      return estimateByFunction(
        method.estimate,
        { task: run.input, result: step.text, agentId: agent.id, runId: run.id },
        signal,
      );
    case "answers": {
      // The first of them was waited for; the others count too, but a run never stands still over them.
      for (let count = 2; count < method.count; count += 1) await takeModelCall(work);
      const asked =
        loaded.messages.at(-1)?.["role"] === "assistant" ? loaded.messages.slice(0, -1) : loaded.messages;
      return compareAnswers({
        result: step.text,
        others: method.count - 1,
        model: models.describe(agent).label,
        signal,
        answerAgain: async () =>
          streamTurn({
            model: await models.load(agent),
            agent,
            endUser: run.endUser,
            messages: [...loaded.history, ...asked] as unknown as ModelMessage[],
            signal: AbortSignal.any([signal, AbortSignal.timeout(ESTIMATE_TIMEOUT_MS)]),
            onText: () => {},
          }),
      });
    }
    default:
      return assertNever(method);
  }
}

/** Alone it makes nobody look: 0.5 may be enough for what is at stake. */
const UNCERTAIN_ESTIMATE = "confidence_unknown";

function reasonsFor(asked: DefinedConfidence, estimate: Estimate, result: string): Reason[] {
  const { confidence, problem } = estimate;
  const reasons: Reason[] = [];
  if (isBelowThreshold(confidence, asked.threshold))
    reasons.push({ rule: "confidence", text: reasonOfConfidence(confidence, asked.threshold) });
  for (const text of triggeredBy(asked.triggers, result))
    reasons.push({ rule: "trigger", text: storableText(text.slice(0, 500)) });
  if (problem !== null)
    reasons.push({ rule: UNCERTAIN_ESTIMATE, text: `The confidence could not be estimated: ${problem}` });
  return reasons;
}

function estimateData(asked: DefinedConfidence, estimate: Estimate): JsonObject {
  const { confidence, by, model, problem } = estimate;
  return { confidence, threshold: asked.threshold, estimatedBy: by, estimator: model, problem };
}

const MAX_TASK_CHARACTERS = 20_000;

function escalationOf(
  { run, sendBacks }: LoadedRun,
  step: StepRow,
  agent: DefinedAgent,
  found: { asked: DefinedConfidence; estimate: Estimate; reasons: Reason[] },
): NewRunHold {
  const { asked, estimate, reasons } = found;
  const evaluation = evaluateQuestion(
    "escalation",
    { timeoutSeconds: asked.timeoutSeconds, onTimeout: asked.onTimeout },
    reasons,
  );
  const verdicts: Verdict[] = ["approve", "modify", "reject"];
  if (sendBacks < MAX_SEND_BACKS) verdicts.push("answer");
  const row = newHoldRow({
    id: createId("hold"),
    kind: "escalation",
    evaluation,
    title: `Is the answer of ${agent.name} good enough?`,
    question: {
      type: "escalation",
      task: run.input.slice(0, MAX_TASK_CHARACTERS).toWellFormed(),
      result: step.text,
      confidence: estimate.confidence,
      threshold: asked.threshold,
      sendBacks,
      step: step.position,
    },
    verdicts,
    agentId: run.agent_id,
    runId: run.id,
    sessionId: run.session_id ?? undefined,
    endUserId: run.end_user_id ?? undefined,
  });
  return { row, timeoutSeconds: evaluation.timeoutSeconds, respondSeconds: evaluation.respondSeconds };
}

/** What the person said of the answer takes effect; silence and withdrawal release nothing. */
export async function concludeAnswer(work: RunWork, loaded: LoadedRun, hold: HoldRow): Promise<Progress> {
  const { step, run } = loaded;
  if (step === null) throw new TypeError(`run ${run.id} has no answer to conclude`);
  const data: JsonObject = { holdId: hold.id, confidence: run.confidence };
  const comment = hold.outcome?.comment ?? null;
  switch (hold.status) {
    case "approved":
      return complete(work, loaded, {
        output: step.text,
        endReason: "result_accepted",
        data,
        despiteNotes: true,
      });
    case "modified": {
      const output = textOf(hold.outcome?.arguments?.["result"] ?? null);
      return complete(work, loaded, {
        output,
        endReason: "result_edited",
        data,
        despiteNotes: true,
        // For later runs of the session: what its user was told is what was given out.
        messages: [
          { role: "user", message: { role: "user", content: TOLD_EDITED } },
          { role: "assistant", message: { role: "assistant", content: output } },
        ],
      });
    }
    case "answered":
      return sendBack(work, loaded, step, hold);
    case "rejected":
      return failRun(work, loaded, {
        code: "result_rejected",
        message: `A reviewer rejected the result. Reason: ${comment?.trim() || "none given"}`,
        holdId: hold.id,
        comment,
      });
    case "cancelled":
      return failRun(work, loaded, {
        code: "result_withdrawn",
        message: `The question whether the result is good enough was withdrawn. Reason: ${comment?.trim() || "none given"}`,
        holdId: hold.id,
        comment,
      });
    default:
      return failRun(work, loaded, {
        code: "result_expired",
        message: "Nobody decided in time whether the result is good enough.",
        holdId: hold.id,
      });
  }
}

/** The guidance is what the model hears next, in a step of its own, even where the run has used up its steps. */
async function sendBack(work: RunWork, { run }: LoadedRun, step: StepRow, hold: HoldRow): Promise<Progress> {
  const answer = hold.outcome?.answer as { guidance?: unknown } | null | undefined;
  const guidance = typeof answer?.guidance === "string" ? answer.guidance : "";
  const agent = agentOf(work);
  const position = run.step + 1;
  await work.journal.commit("send-back", {
    run: { step: position },
    messages: [{ role: "user", message: { role: "user", content: toldSentBack(storableText(guidance)) } }],
    step: {
      id: createId("step"),
      position,
      model: agent === undefined ? step.model : work.deps.models.describe(agent).label,
      status: "running",
    },
  });
  return "again";
}

interface Completion {
  output: string;
  endReason: "end_turn" | "result_accepted" | "result_edited";
  judged?: Pick<NonNullable<Commit["run"]>, "confidence" | "usage">;
  messages?: Commit["messages"];
  data?: JsonObject;
  /** A person has decided that this is the answer. */
  despiteNotes?: true;
}

async function complete(work: RunWork, { run }: LoadedRun, completion: Completion): Promise<Progress> {
  const { output, endReason, judged, messages, data } = completion;
  const isLastStep = run.step >= run.max_steps;
  const usage = judged?.usage ?? run.usage;
  await work.journal.commit("complete", {
    run: { from: run.status, status: "completed", output, endReason, ...judged },
    ...(messages !== undefined && { messages }),
    ...((isLastStep || completion.despiteNotes) && { despiteNotes: true }),
    events: [
      {
        type: "run.completed",
        data: { output, endReason, usage: usage === null ? null : { ...usage }, ...data },
      },
    ],
  });
  return "done";
}

function textOf(result: JsonValue): string {
  return typeof result === "string" ? result : JSON.stringify(result, null, 2);
}
