import {
  actionHash,
  allowedVerdicts,
  nextHoldStatus,
  type HoldStatus,
  type JsonObject,
  type JsonValue,
  type Outcome,
  type Verdict,
} from "@holdpoint/protocol";
import { assertNever } from "../assert-never.ts";
import { checkAnswer } from "./answer.ts";
import { endEffects } from "./end-effects.ts";
import {
  isRejection,
  type DecideCommand,
  type HoldCommandInput,
  type HoldTransition,
  type Rejection,
  type SchemaCheck,
} from "./hold-command.ts";
import type { Decider, HeldAction, HoldState, Vote } from "./hold-state.ts";
import { isSameJson, mergeModification } from "./modification.ts";
import { NO_DIRECTORY, type Directory } from "../routes/eligibility.ts";
import { countVotes, type Tally } from "../routes/quorum.ts";
import { isKeptOut, isSelfDecided, personOf, refusalToCancel, refusalToDecide, routeOf } from "./right.ts";
import { refusalOfStrength } from "./strength.ts";
import { applyTimeout } from "./timeout.ts";
import { bytesOf, keepVote, refusedStatus } from "./votes.ts";

/** I10: what cannot be checked is refused. */
const unchecked: SchemaCheck = () => ({ errors: [{ path: "", message: "cannot be checked here" }] });

/**
 * Applies a command to a hold at `now` (ISO 8601). Afterwards the hold has at most one outcome, and never another one
 * (I3). A deadline that has passed takes effect first, so a late decision never counts (I6); where `onTimeout` keeps
 * the hold open, both changes are in `next` and in `effects`.
 *
 * A decision is a vote. While too few people have said yes to the same bytes, or no, the hold stays pending with the vote
 * in `next.votes` and one event `hold.voted`; the vote that is enough ends it.
 *
 * @param check needed where arguments or answers have a schema; without it they are refused.
 * @param directory who is meant by groups and rotations; without it nobody is.
 */
export function transitionHold(
  hold: HoldState,
  command: HoldCommandInput,
  now: string,
  check: SchemaCheck = unchecked,
  directory: Directory = NO_DIRECTORY,
): HoldTransition | Rejection {
  const timedOut = applyTimeout(hold, now);
  if (command.type === "timeout") {
    return timedOut.effects.length > 0 ? timedOut : { code: "not_due", expiresAt: hold.expiresAt };
  }
  const result =
    command.type === "decide"
      ? decide(timedOut.next, command, { now, check, directory })
      : cancel(timedOut.next, command, now);
  if (isRejection(result)) return result;
  return { ...result, effects: [...timedOut.effects, ...result.effects] };
}

interface Circumstances {
  now: string;
  check: SchemaCheck;
  directory: Directory;
}

function decide(
  hold: HoldState,
  command: DecideCommand,
  { now, check, directory }: Circumstances,
): HoldTransition | Rejection {
  const refusal =
    refusalToDecide(hold, command.by, now, directory) ??
    refusalOfEnded(hold) ??
    refusalOfVerdict(hold, command) ??
    refusalOfStrength(hold, command.by, now);
  if (refusal !== undefined) return refusal;
  const content = readContent(hold, command, check);
  if (isRejection(content)) return content;
  const status = nextHoldStatus(content.verdict, hold.kind, hold.status);
  if (status === undefined) return verdictNotAllowed(hold, content.verdict);
  const outcome: Outcome = {
    ...content,
    comment: command.comment ?? null,
    selfDecided: isSelfDecided(hold, command.by),
    by: signature(command.by),
  };
  // What is addressed to one end user, or answered by an event, is nobody's to vote on.
  if (command.by.kind === "end_user" || command.by.kind === "system") {
    return end(hold, { status, outcome, at: now });
  }
  const vote: Vote = {
    ...content,
    person: personOf(command.by),
    by: outcome.by,
    comment: outcome.comment,
    at: now,
  };
  const voted: HoldState = {
    ...hold,
    votes: [...hold.votes.filter(({ by }) => by.id !== vote.by.id), vote],
  };
  const tally = countVotes({
    route: routeOf(hold),
    quorum: hold.quorum,
    createdAt: hold.createdAt,
    ballots: voted.votes.map(({ person, at, ...said }) => ({ person, at, bytes: bytesOf(said) })),
    directory,
    isOut: (memberId) => isKeptOut(hold, memberId),
  });
  if (tally.result === "open") return keepVote(voted, vote);
  if (tally.result === "released") return release(voted, status, outcome, tally);
  return end(voted, { status: refusedStatus(voted), outcome, at: now });
}

function release(hold: HoldState, status: HoldStatus, outcome: Outcome, tally: Tally): HoldTransition {
  const at = hold.votes.at(-1)?.at ?? hold.createdAt;
  return { ...end(hold, { status, outcome, at }), witnesses: tally.witnesses };
}

function cancel(
  hold: HoldState,
  command: Extract<HoldCommandInput, { type: "cancel" }>,
  now: string,
): HoldTransition | Rejection {
  const refusal = refusalToCancel(hold, command.by) ?? refusalOfEnded(hold);
  if (refusal !== undefined) return refusal;
  const outcome: Outcome = {
    ...NOTHING,
    verdict: null,
    comment: command.reason ?? null,
    selfDecided: false,
    by: signature(command.by),
  };
  return end(hold, { status: "cancelled", outcome, at: now });
}

function end(
  hold: HoldState,
  { status, outcome, at }: { status: HoldStatus; outcome: Outcome; at: string },
): HoldTransition {
  const isReleased =
    hold.action !== null && hold.kind === "approval" && (status === "approved" || status === "modified");
  const next: HoldState = {
    ...hold,
    status,
    outcome,
    decidedAt: at,
    fulfilment: isReleased ? "waiting" : hold.fulfilment,
    version: hold.version + 1,
  };
  return { next, effects: endEffects(next, status === "cancelled" ? "hold.cancelled" : "hold.decided") };
}

function refusalOfEnded(hold: HoldState): Rejection | undefined {
  if (hold.status === "pending") return undefined;
  if (hold.status === "expired")
    return { code: "expired", expiredAt: hold.decidedAt ?? hold.expiresAt ?? hold.createdAt };
  const { outcome, decidedAt } = hold;
  return {
    code: "already_decided",
    winner: {
      status: hold.status,
      by: outcome?.by ?? null,
      at: decidedAt,
      comment: outcome?.comment ?? null,
    },
  };
}

function refusalOfVerdict(hold: HoldState, command: DecideCommand): Rejection | undefined {
  const allowed = allowedVerdicts(hold.kind, hold.status, { unknownExecution: hold.isUnknownExecution });
  if (!allowed.includes(command.verdict)) return verdictNotAllowed(hold, command.verdict);
  const isBound = command.verdict === "approve" || command.verdict === "modify";
  if (isBound && hold.action !== null && hold.action.hash !== command.actionHash) {
    return { code: "action_changed", expected: hold.action.hash, received: command.actionHash ?? null };
  }
  return undefined;
}

function verdictNotAllowed(hold: HoldState, verdict: Verdict): Rejection {
  const allowed = allowedVerdicts(hold.kind, hold.status, { unknownExecution: hold.isUnknownExecution });
  return { code: "verdict_not_allowed", verdict, allowed };
}

type Content = Pick<Outcome, "verdict" | "arguments" | "actionHash" | "answer"> & { verdict: Verdict };

const NOTHING = { arguments: null, actionHash: null, answer: null } as const;

function readContent(hold: HoldState, command: DecideCommand, check: SchemaCheck): Content | Rejection {
  switch (command.verdict) {
    case "approve":
      // Who sends a change with "approve" means the change: executing the original would be wrong, guessing too.
      if (command.modifications !== undefined || command.arguments !== undefined) {
        return {
          code: "arguments_invalid",
          errors: [{ path: "", message: "to change the action, use modify" }],
        };
      }
      return approval(hold.action);
    case "modify":
      return hold.action === null
        ? editedResult(hold, command)
        : modifiedAction(hold, hold.action, command, check);
    case "answer": {
      const answer = checkAnswer(hold, command.answer, command.by, check);
      if ("errors" in answer) return { code: "answer_invalid", errors: answer.errors };
      return { ...NOTHING, verdict: "answer", answer: answer.value };
    }
    case "reject":
    case "skip":
      return { ...NOTHING, verdict: command.verdict };
    default:
      return assertNever(command.verdict);
  }
}

function approval(action: HeldAction | null): Content {
  return {
    ...NOTHING,
    verdict: "approve",
    arguments: action?.arguments ?? null,
    actionHash: action?.hash ?? null,
  };
}

function modifiedAction(
  hold: HoldState,
  action: HeldAction,
  command: DecideCommand,
  check: SchemaCheck,
): Content | Rejection {
  const merged = mergeModification(action.arguments, command);
  if ("errors" in merged) return { code: "arguments_invalid", errors: merged.errors };
  const checked =
    action.schema === null ? { value: merged.arguments } : check(action.schema, merged.arguments);
  if ("errors" in checked) return { code: "arguments_invalid", errors: checked.errors };
  const changed = checked.value as JsonObject;
  if (isSameJson(changed, action.arguments)) return approval(action);
  const hash = actionHash({
    orgId: hold.orgId,
    tool: action.name,
    toolHash: action.toolHash,
    arguments: changed,
    agentId: hold.agentId,
    runId: hold.runId,
    toolCallId: hold.toolCallId,
  });
  return { verdict: "modify", arguments: changed, actionHash: hash, answer: null };
}

/** An escalation without an action is about a result: editing it gives another one. */
function editedResult(hold: HoldState, command: DecideCommand): Content | Rejection {
  const original: Record<"result", JsonValue> = { result: hold.result };
  const merged = mergeModification(original, command);
  if ("errors" in merged) return { code: "arguments_invalid", errors: merged.errors };
  if (Object.keys(merged.arguments).join() !== "result") {
    return { code: "arguments_invalid", errors: [{ path: "", message: "must be {result}" }] };
  }
  if (!merged.isChanged) return approval(null);
  return { ...NOTHING, verdict: "modify", arguments: merged.arguments };
}

function signature(by: Decider): Outcome["by"] {
  return { id: by.memberId ?? by.id, name: by.name, via: by.via, verifiedBy: by.verifiedBy };
}
