import {
  isRejection,
  strengthOf,
  transitionHold,
  type Decider,
  type Directory,
  type HoldState,
  type HoldTransition,
  type Person,
  type Rejection,
  type SchemaCheck,
  type Vote,
} from "@holdpoint/core";
import {
  createId,
  STRENGTHS,
  type DecisionInput,
  type Hold,
  type JsonObject,
  type JsonValue,
  type Outcome,
} from "@holdpoint/protocol";
import type { Database, Transaction } from "../database/database.ts";
import { renderHold, votesOf, type DecisionRow, type HoldRow } from "./hold-row.ts";
import { holdState } from "./hold-state.ts";
import { refusal, type HoldAnswer } from "./refusal.ts";

export interface DecideInTransactionDeps {
  database: Database;
  published(orgId: string, hold: Hold): void;
}

export interface CheckedDecision {
  credentialHash: string;
  holdId: string;
  input: DecisionInput;
  /** What the person means, once what they sent was checked: a change that changes nothing is an approval. */
  verdict: DecisionInput["verdict"];
  arguments?: JsonObject;
  answer?: JsonValue;
  via: string;
  originalText?: string | undefined;
  claimedBy?: string | undefined;
  idempotencyKey: string | undefined;
  bodyHash: string | undefined;
}

interface LockedHold extends HoldAnswer {
  now: string;
  who: { kind: string; principalId: string; memberId: string; name: string; signedInAt: string | null };
  votes: DecisionRow[];
  people: Person[];
  directory: Directory;
}

/** Arguments and answers were checked before, against what is stored with the hold and never changes. */
const isChecked: SchemaCheck = (_schema, value) => ({ value });

/**
 * A decision by core's state machine, for holds whose route, quorum or people the hot function does not know. Four round
 * trips: BEGIN, lock and read, write, COMMIT; nobody else decides on the hold meanwhile (I3). Wakes people up after the
 * commit. Touches nothing but the transaction in between: the embedded database has one connection.
 */
export async function decideInTransaction(
  deps: DecideInTransactionDeps,
  request: CheckedDecision,
): Promise<Hold> {
  const done = await deps.database.transaction((tx) => decideWithin(tx, deps, request));
  // Thrown only here: what the deadline has done to the hold is committed.
  if ("refused" in done) throw done.refused;
  return done.hold;
}

/** The same inside a transaction that is open already. A refusal is given back: what becomes of the transaction is the caller's. */
export async function decideWithin(
  tx: Transaction,
  deps: Pick<DecideInTransactionDeps, "published">,
  request: CheckedDecision,
): Promise<{ hold: Hold } | { refused: Error }> {
  const locked = (await tx.call("lock_for_decision_v1", {
    credentialHash: request.credentialHash,
    holdId: request.holdId,
    timeoutEventId: createId("evt"),
    idempotencyKey: request.idempotencyKey,
    bodyHash: request.bodyHash,
  })) as LockedHold;
  const row = locked.hold;
  if (locked.code === "repeated" && row !== undefined) return { hold: renderHold(row, locked.now) };
  if (locked.code !== "ok" || row === undefined)
    return { refused: refusal(locked, request.holdId, request.verdict) };
  const by = deciderOf(locked, request.via);
  const hold = holdState(
    row,
    votesOf(row, locked.votes).map((vote) => voteOf(vote, locked.people)),
  );
  const { input, verdict } = request;
  // A shown action may be missing from what was sent: told apart from one that was changed.
  if (needsHash(hold, verdict) && input.actionHash === undefined && hold.status === "pending")
    return { refused: refusal({ code: "action_hash_required", hold: row }, request.holdId, verdict) };
  const result = transitionHold(
    hold,
    {
      type: "decide",
      verdict,
      by,
      actionHash: input.actionHash,
      arguments: request.arguments,
      answer: request.answer,
      comment: input.comment,
    },
    locked.now,
    isChecked,
    locked.directory,
  );
  if (isRejection(result)) return { refused: refusalOf(result, row, request) };
  if (!row.verdicts.includes(verdict))
    return { refused: refusal({ code: "verdict_not_allowed", hold: row }, request.holdId, verdict) };
  const written = (await tx.call(
    "write_decision_v1",
    writeCommand(request, locked, result, by),
  )) as HoldAnswer & {
    now: string;
  };
  // Thrown, so that nothing of it stays.
  if (written.code !== "ok" || written.hold === undefined) throw refusal(written, request.holdId, verdict);
  const vote = result.next.votes.at(-1);
  const rendered = renderHold(
    written.hold,
    written.now,
    vote === undefined ? locked.votes : [...locked.votes, rowOf(vote, row)],
  );
  tx.afterCommit(() => deps.published(rendered.orgId, rendered));
  return { hold: rendered };
}

function needsHash(hold: HoldState, verdict: DecisionInput["verdict"]): boolean {
  return hold.action !== null && (verdict === "approve" || verdict === "modify");
}

function deciderOf({ who, people }: LockedHold, via: string): Decider {
  const person = people.find(({ memberId }) => memberId === who.memberId);
  const isSession = who.kind === "session";
  return {
    id: who.memberId,
    name: who.name,
    kind: isSession ? "member" : "operator_key",
    memberId: who.memberId,
    role: person?.role ?? null,
    email: person?.email ?? "",
    standsInFor: person?.standsInFor ?? [],
    signedInAt: who.signedInAt,
    via,
    verifiedBy: isSession ? "session" : "operator_key",
  };
}

function voteOf(row: DecisionRow, people: readonly Person[]): Vote {
  return {
    person: people.find(({ memberId }) => memberId === row.by_id) ?? null,
    by: { id: row.by_id, name: row.by_name, via: row.via, verifiedBy: row.verified_by },
    verdict: row.verdict,
    arguments: row.arguments,
    actionHash: row.action_hash,
    answer: row.answer,
    comment: row.comment,
    at: row.created_at,
  };
}

/** The vote that was just given, as it reads from the store. */
function rowOf(vote: Vote, hold: HoldRow): DecisionRow {
  return {
    id: "",
    hold_version: hold.version,
    verdict: vote.verdict,
    action_hash: vote.actionHash,
    arguments: vote.arguments,
    answer: vote.answer,
    by_id: vote.by.id,
    by_name: vote.by.name,
    via: vote.by.via,
    verified_by: vote.by.verifiedBy ?? "",
    is_self_decided: false,
    comment: vote.comment,
    original_text: null,
    created_at: vote.at,
  };
}

function writeCommand(
  request: CheckedDecision,
  { hold: row, now }: LockedHold,
  { next, witnesses }: HoldTransition,
  by: Decider,
): object {
  const vote = next.votes.at(-1);
  return {
    orgId: next.orgId,
    holdId: next.id,
    version: row?.version,
    at: now,
    decisionId: createId("dec"),
    eventId: createId("evt"),
    verdict: vote?.verdict,
    byId: by.memberId,
    byName: by.name,
    via: by.via,
    verifiedBy: by.verifiedBy,
    strength: STRENGTHS.indexOf(strengthOf(by, now)),
    isSelfDecided: by.memberId === next.requester.memberId,
    actionHash: vote?.actionHash ?? undefined,
    arguments: vote?.arguments ?? undefined,
    answer: vote?.answer ?? undefined,
    comment: request.input.comment,
    originalText: request.originalText,
    claimedBy: request.claimedBy,
    idempotencyKey: request.idempotencyKey,
    bodyHash: request.bodyHash,
    status: next.status,
    outcome: next.outcome === null ? undefined : withClaim(next.outcome, request.claimedBy),
    releasedBy: witnesses,
  };
}

function withClaim(outcome: Outcome, claimed: string | undefined): Outcome {
  return claimed === undefined ? outcome : { ...outcome, by: { ...outcome.by, claimed } };
}

function refusalOf(rejection: Rejection, row: HoldRow, { holdId, verdict }: CheckedDecision): Error {
  const answer: HoldAnswer = { code: rejection.code, hold: row };
  if (rejection.code === "not_allowed") {
    const { why, needs, needsRole } = rejection;
    if (why === "requester" || why === "starter") answer.needs = "another person";
    else answer.needs = needs ?? `role ${needsRole ?? "reviewer"}`;
  }
  if (rejection.code === "not_strong_enough") answer.needs = rejection.needs;
  return refusal(answer, holdId, verdict);
}
