import { STEP_LIMIT_OUTPUT, assertNever, toldNote } from "@holdpoint/core";
import { createId, type JsonObject } from "@holdpoint/protocol";
import { concludeAnswer, judgeAnswer } from "./final-answer.ts";
import type { Commit } from "./commit.ts";
import { JournalConflictError, LeaseLostError } from "./journal.ts";
import type { LoadedRun } from "./loaded-run.ts";
import { loseCalls, settleCall } from "./lost-call.ts";
import { askModel } from "./model-step.ts";
import { nextMove, waitingHolds, type Move } from "./next-move.ts";
import { lookingAgain, settleWhatIsReady } from "./look-again.ts";
import { needsOfTurn } from "./readiness.ts";
import type { RunRow } from "./run-row.ts";
import { agentOf, failRun, type Progress, type RunWork } from "./run-work.ts";
import { executeApproved, proceedWithCalls, resumeCalls } from "./start-call.ts";
import { outcomeOf, toolMessage } from "./tool-message.ts";

const MAX_CONFLICTS = 5;

/**
 * Takes a leased run as far as it goes: to a person, to a later time, or to its end. State is read anew before each
 * move (before the model is asked, with the commit before it), so that a decision that comes in between is seen, and so that
 * another worker would go on just the same.
 *
 * Throws LeaseLostError when the run is somebody else's.
 */
export async function advanceRun(work: RunWork): Promise<void> {
  for (let conflicts = 0; ;) {
    if (work.lost.aborted) throw new LeaseLostError(work.journal.lease);
    if (work.stopping.aborted) {
      await work.journal.commit("stop", { release: true, advanceSeconds: 0 });
      return;
    }
    try {
      const loaded = await work.journal.load();
      // The interrupt point: before each step, and between the calls of a turn (R78).
      if (loaded.run.pause_requested && loaded.run.status !== "queued") {
        // Due again at once, should it be taken back in this moment: nobody else would know that it is to go on.
        await work.journal.commit("pause", { release: true, advanceSeconds: 0 });
        return;
      }
      if ((await makeMove(work, loaded, nextMove(loaded))) === "done") return;
    } catch (error) {
      conflicts += 1;
      if (!(error instanceof JournalConflictError) || conflicts > MAX_CONFLICTS) throw error;
    }
  }
}

async function makeMove(work: RunWork, loaded: LoadedRun, move: Move): Promise<Progress> {
  const { run } = loaded;
  if (move.type === "wait") return wait(work, loaded);
  if (run.status === "holding") {
    await work.journal.commit("resume", {
      run: { from: "holding", status: "running" },
      events: [{ type: "run.resumed", data: {} }],
    });
    run.status = "running";
  }
  work.children = loaded.children;
  work.needs = needsOfTurn(work, loaded);
  switch (move.type) {
    case "lose":
      await loseCalls(work, loaded, move.calls);
      return "again";
    case "settle":
      await settleCall(work, loaded, move.call, move.escalation);
      return "again";
    case "proceed":
      await proceedWithCalls(work, loaded, move.calls);
      return "again";
    case "resume":
      await resumeCalls(work, loaded, move.calls);
      return "again";
    case "execute":
      await executeApproved(work, loaded, move.call, move.hold);
      return "again";
    case "conclude":
      return concludeAnswer(work, loaded, move.hold);
    case "begin":
    case "ask":
    case "tell":
    case "hear":
    case "judge":
      return converse(work, loaded, move);
    default:
      return assertNever(move);
  }
}

/** Moves that need the agent and its model. */
async function converse(
  work: RunWork,
  loaded: LoadedRun,
  move: Extract<Move, { type: "begin" | "ask" | "tell" | "hear" | "judge" }>,
): Promise<Progress> {
  const { run, step } = loaded;
  const agent = agentOf(work);
  if (agent === undefined) return failWithoutAgent(work, loaded);
  const { label } = work.deps.models.describe(agent);
  switch (move.type) {
    case "begin":
      await work.journal.commit(
        "begin",
        {
          run: { from: run.status, status: "running", step: 1, model: label },
          step: { id: createId("step"), position: 1, model: label, status: "running" },
          events: [
            {
              type: "run.started",
              actorKind: run.starter_kind === "agent" ? "agent" : "member",
              actorId: run.starter,
              actorName: run.starter_name,
              data: { input: run.input, model: label, starterKind: run.starter_kind, ...calledBy(run) },
            },
          ],
        },
        { mayLoad: true },
      );
      return "again";
    case "hear":
      return beginStep(work, loaded, label);
    case "ask":
      if (loaded.notes !== null) return hearNotes(work, loaded.notes);
      if (step === null) throw new TypeError(`run ${run.id} has no step to ask about`);
      return askModel(work, loaded, step, agent);
    case "tell":
      return tell(work, loaded, label);
    case "judge":
      if (step === null) throw new TypeError(`run ${run.id} has no answer to judge`);
      return judgeAnswer(work, loaded, step, agent);
    default:
      return assertNever(move);
  }
}

function failWithoutAgent(work: RunWork, loaded: LoadedRun): Promise<Progress> {
  const message = `Agent ${loaded.run.agent_id} is not in this service's config any more.`;
  return failRun(work, loaded, { code: "no_agent", message });
}

function calledBy({ parent_run_id: parentRunId, path }: RunRow): JsonObject {
  return parentRunId === null ? {} : { parentRunId, path };
}

/** Nothing stays in memory while a person thinks: the lease goes back, and whoever is free goes on afterwards. */
async function wait(work: RunWork, loaded: LoadedRun): Promise<Progress> {
  if (agentOf(work) === undefined && work.deps.isAgentGone()) return failWithoutAgent(work, loaded);
  // What was missing may have come in the moment in which it was asked for, and nobody will say so again.
  if (await settleWhatIsReady(work, loaded)) return "again";
  const { run } = loaded;
  const open = waitingHolds(loaded);
  const commit: Commit = { release: true, ...lookingAgain(loaded) };
  if (run.status !== "holding" && open.length > 0) {
    commit.run = { from: run.status, status: "holding" };
    commit.events = [{ type: "run.holding", data: { holdIds: open } }];
  } else if (run.status === "holding" && open.length === 0) {
    // Nobody has to do anything: an agent that was called works.
    commit.run = { from: "holding", status: "running" };
    commit.events = [{ type: "run.resumed", data: {} }];
  }
  await work.journal.commit("hold", commit);
  return "done";
}

/** One more step after an answer. What it is for, the model hears before it is asked. */
async function beginStep(work: RunWork, { run }: LoadedRun, label: string): Promise<Progress> {
  const position = run.step + 1;
  await work.journal.commit("hear", {
    run: { step: position },
    step: { id: createId("step"), position, model: label, status: "running" },
  });
  return "again";
}

/** Words of operators, between the results of a turn and the next: never between a call and its result (I11). */
async function hearNotes(work: RunWork, notes: NonNullable<LoadedRun["notes"]>): Promise<Progress> {
  await work.journal.commit("note", {
    messages: notes.map(({ text, byKind }) => ({
      role: "user",
      message: { role: "user", content: toldNote(text, byKind) },
    })),
    heard: notes.map(({ id }) => id),
  });
  return "again";
}

/** The results of the turn as one message; then the next turn begins, or the steps are used up. */
async function tell(work: RunWork, loaded: LoadedRun, label: string): Promise<Progress> {
  const { run, calls, holds } = loaded;
  const commit: Commit = {
    messages: [{ role: "tool", message: toolMessage(calls, holds) }],
    callChanges: calls.flatMap((call) => {
      const { error } = outcomeOf(call, holds);
      return error === undefined ? [] : [{ id: call.id, from: call.status, status: call.status, error }];
    }),
  };
  if (run.step >= run.max_steps) {
    commit.run = {
      from: run.status,
      status: "completed",
      output: STEP_LIMIT_OUTPUT,
      endReason: "step_limit",
    };
    commit.despiteNotes = true;
    commit.messages?.push({ role: "assistant", message: { role: "assistant", content: STEP_LIMIT_OUTPUT } });
    commit.events = [{ type: "run.completed", data: { output: STEP_LIMIT_OUTPUT, endReason: "step_limit" } }];
    await work.journal.commit("end", commit);
    work.logger.warn({ runId: run.id }, `Run ${run.id} reached its limit of ${run.max_steps} steps.`);
    return "done";
  }
  const position = run.step + 1;
  commit.run = { step: position };
  commit.step = { id: createId("step"), position, model: label, status: "running" };
  await work.journal.commit("tell", commit, { mayLoad: true });
  return "again";
}
