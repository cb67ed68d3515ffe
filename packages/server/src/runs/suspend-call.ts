import type { JsonObject, JsonValue } from "@holdpoint/protocol";
import { setTimeout as delay } from "node:timers/promises";
import type { RaisedAsk } from "../clarifications/ask-session.ts";
import { newHoldRow } from "../holds/new-hold.ts";
import { evaluateQuestion } from "../policies/evaluate-question.ts";
import { RESULT } from "./call-attempt.ts";
import type { Commit, NewAsk, NewRunHold, Share } from "./commit.ts";
import { IncreasingIds } from "./increasing-id.ts";
import { ShareChangedError, type OpenHold } from "./journal.ts";
import { untilRecorded } from "./record-call.ts";
import type { CallRow, RunRow } from "./run-row.ts";
import type { RunWork } from "./run-work.ts";

export interface Suspension {
  run: RunRow;
  call: CallRow;
  attempt: number;
  /** Of what was approved and runs. */
  actionHash: string;
  raised: readonly RaisedAsk[];
  /** What the tool has returned already, so that it is not run again. */
  result: JsonValue | undefined;
}

/** How often somebody may be quicker with a sign-in for the same person before it is given up. */
const MAX_SHARE_CHANGES = 200;
const SHARE_AGAIN_MS = 20;

/**
 * The call waits: its state, its questions' holds and its asks in one transaction, fenced by lease and attempt (I2, I5). A
 * question for which a hold is open already may join it; who comes first makes it.
 */
export async function suspendCall(work: RunWork, suspension: Suspension): Promise<void> {
  const open = new Map<string, OpenHold | null>();
  for (let changes = 0; ; changes++) {
    const commit = commitOf(suspension, open);
    try {
      await untilRecorded(work, suspension.call, () => work.journal.commit("suspend", commit));
      work.logger.info(
        { toolCallId: suspension.call.id, holdIds: commit.asks?.map(({ holdId }) => holdId) },
        `${suspension.call.name} asks, and waits for the answer.`,
      );
      return;
    } catch (error) {
      if (!(error instanceof ShareChangedError) || changes >= MAX_SHARE_CHANGES) throw error;
      const isKnown = (open.get(error.provider)?.id ?? null) === (error.open?.id ?? null);
      open.set(error.provider, error.open);
      // It is being decided in this moment.
      if (isKnown) await delay(SHARE_AGAIN_MS);
    }
  }
}

/** What is to be asked at one provider, of all that is raised together. */
interface SharedQuestion {
  known: OpenHold | null;
  /** Undefined: the open one covers it. */
  asked: { question: JsonObject; title: string | undefined; from: RaisedAsk } | undefined;
  holdId: string;
}

function commitOf(suspension: Suspension, open: ReadonlyMap<string, OpenHold | null>): Commit {
  const { call, attempt, actionHash, raised, result } = suspension;
  const ids = new IncreasingIds();
  const holds: NewRunHold[] = [];
  const asks: NewAsk[] = [];
  const shared = new Map<string, SharedQuestion>();
  for (const each of raised) {
    const { name, ask, questionHash, openHoldId } = each;
    let holdId = openHoldId;
    if (holdId === null && ask.share !== undefined) {
      const provider = providerOf(ask.question);
      const question = shareQuestion(shared.get(provider), open.get(provider) ?? null, each, ids);
      shared.set(provider, question);
      holdId = question.holdId;
    }
    if (holdId === null) {
      const hold = holdFor(suspension, { ...ask, id: ids.next("hold") });
      holds.push(hold);
      holdId = hold.row.id;
    }
    asks.push({ id: ids.next("ask"), callId: call.id, ...name, questionHash, holdId, attempt });
  }
  const shares: Share[] = [];
  for (const [provider, { known, asked, holdId }] of [...shared].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (asked !== undefined) {
      const { question, title, from } = asked;
      holds.push(holdFor(suspension, { ...from.ask, question, title, id: holdId }));
    }
    shares.push({ provider, expected: known?.id ?? null, byHoldId: asked === undefined ? null : holdId });
  }
  for (const ask of asks)
    for (const { known, holdId } of shared.values()) if (ask.holdId === known?.id) ask.holdId = holdId;
  return {
    callChanges: [{ id: call.id, from: "executing", status: "suspended", attempt }],
    holds,
    asks,
    ...(shares.length > 0 && { shares }),
    ...(result !== undefined && { kept: [{ callId: call.id, attempt, name: RESULT, value: result }] }),
    events: [
      {
        type: "action.suspended",
        toolCallId: call.id,
        holdId: call.hold_id,
        actionName: call.name,
        actionHash,
        data: { attempt, asks: asks.map(({ id, key, holdId }) => ({ id, key, holdId })) },
      },
    ],
  };
}

function providerOf({ provider }: JsonObject): string {
  if (typeof provider !== "string") throw new TypeError("An authorization names its provider.");
  return provider;
}

/** Of what is raised for one provider the widest; of that and the open hold whichever covers the other. */
function shareQuestion(
  before: SharedQuestion | undefined,
  known: OpenHold | null,
  from: RaisedAsk,
  ids: IncreasingIds,
): SharedQuestion {
  const { ask } = from;
  const standing = before?.asked?.question ?? known?.question;
  if (standing === undefined)
    return { known, asked: { question: ask.question, title: ask.title, from }, holdId: ids.next("hold") };
  const wanted = ask.share?.(standing) ?? "join";
  if (wanted === "join") return before ?? { known, asked: undefined, holdId: known?.id ?? "" };
  return {
    known,
    asked: { question: wanted.question, title: wanted.title ?? ask.title, from },
    holdId: before?.asked === undefined ? ids.next("hold") : before.holdId,
  };
}

function holdFor({ run, call }: Suspension, ask: RaisedAsk["ask"] & { id: string }): NewRunHold {
  const evaluation = evaluateQuestion(
    ask.kind,
    { timeoutSeconds: ask.timeoutSeconds, onTimeout: ask.onTimeout },
    [{ rule: "asked", text: `${call.name} needs it to go on.` }],
  );
  const row = newHoldRow({
    id: ask.id,
    kind: ask.kind,
    evaluation,
    title: ask.title,
    summary: ask.summary,
    details: ask.details,
    question: ask.question,
    agentId: run.agent_id,
    runId: run.id,
    toolCallId: call.id,
    sessionId: run.session_id ?? undefined,
    endUserId: run.end_user_id ?? undefined,
  });
  return { row, timeoutSeconds: evaluation.timeoutSeconds, respondSeconds: evaluation.respondSeconds };
}
