import { idempotencyMismatch } from "../identity/common-refusal.ts";
import { effectiveStatus } from "@holdpoint/core";
import {
  canonicalJson,
  createId,
  sha256Of,
  type AuthorizeAnswer,
  type Hold,
  type JsonValue,
  type listQuestionsSchema,
  type OwnQuestion,
} from "@holdpoint/protocol";
import type { z } from "zod";
import { decodeCursor, encodeCursor } from "../database/cursor.ts";
import type { Database } from "../database/database.ts";
import { renderInstantOrNull } from "../database/instant.ts";
import { checkGivenAnswer } from "../holds/check-given-answer.ts";
import { renderHold, type HoldRow } from "../holds/hold-row.ts";
import { holdState } from "../holds/hold-state.ts";
import type { SchemaCheck } from "../holds/schema-check.ts";
import { ProblemError } from "../problem.ts";
import { notAnEndUser, type EndUserCredential } from "./end-user-credential.ts";
import { renderOwnQuestion, type AgentNames } from "./own-question.ts";

export interface QuestionDeps {
  database: Database;
  schemas: SchemaCheck;
  agentName: AgentNames;
  published(orgId: string, hold: Hold): void;
  /** Where the browser goes to sign in at the provider; absent where no providers are configured. */
  authorize?: AuthorizeQuestion | undefined;
}

/** The end user who asks, and the hold that asks for their sign-in. It is open when this is called. */
export interface AskedAuthorization {
  orgId: string;
  endUserId: string;
  holdId: string;
  /** Hash of the device's secret, which the way to the provider is bound to; a token's browser has none. */
  device: string | undefined;
  verifiedBy: "end_user_link" | "end_user_token";
}
export type AuthorizeQuestion = (asked: AskedAuthorization) => Promise<AuthorizeAnswer>;

interface QuestionAnswer {
  code: string;
  now: string;
  hold: HoldRow | undefined;
  isOwn?: boolean;
}

/** A page of their own questions, open ones first. One round trip. */
export async function listQuestions(
  deps: Pick<QuestionDeps, "database" | "agentName">,
  credential: EndUserCredential,
  { cursor, ...query }: z.output<typeof listQuestionsSchema>,
): Promise<{ data: OwnQuestion[]; nextCursor: string | null }> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor, "questions");
  const answer = (await deps.database.callIdempotent("list_questions_v1", {
    credentialHash: credential.hash,
    ...query,
    afterOpen: after === undefined ? undefined : after.key === "open",
    afterId: after?.id,
  })) as QuestionAnswer & { page: { isOpen: boolean; hold: HoldRow }[] };
  if (answer.code !== "ok") throw refusal(answer, "");
  const rows = answer.page.slice(0, query.limit);
  const last = rows.at(-1);
  return {
    data: rows.map(({ hold }) => renderOwnQuestion(hold, answer.now, deps.agentName)),
    nextCursor:
      answer.page.length > query.limit && last !== undefined
        ? encodeCursor("questions", { id: last.hold.id, key: last.isOpen ? "open" : "decided" })
        : null,
  };
}

/** Throws `not_found` also for what is another's. One round trip. */
export async function getQuestion(
  deps: Pick<QuestionDeps, "database" | "agentName">,
  credential: EndUserCredential,
  holdId: string,
): Promise<OwnQuestion> {
  const { hold, now } = await read(deps.database, credential, holdId);
  return renderOwnQuestion(hold, now, deps.agentName);
}

export interface SaidOnQuestion {
  credential: EndUserCredential;
  holdId: string;
  said: { answer: JsonValue } | { comment?: string };
  idempotencyKey: string | undefined;
}

/**
 * The person answers, or declines with a comment. One round trip to decline, one read more to answer.
 *
 * Afterwards the hold is terminal, the decision durable, and the run that waits is due (I3, I4). Throws `invalid_answer`
 * (the question stays), `already_decided`, `expired`, `not_found`.
 */
export async function decideQuestion(deps: QuestionDeps, request: SaidOnQuestion): Promise<OwnQuestion> {
  const { credential, holdId, said, idempotencyKey } = request;
  const answered = "answer" in said ? await prepare(deps, request, said.answer) : undefined;
  const decided = (await deps.database.callIdempotent("answer_question_v1", {
    credentialHash: credential.hash,
    holdId,
    verdict: "answer" in said ? "answer" : "reject",
    answer: answered,
    comment: "answer" in said ? undefined : said.comment,
    decisionId: createId("dec"),
    eventId: createId("evt"),
    timeoutEventId: createId("evt"),
    idempotencyKey,
    bodyHash: idempotencyKey === undefined ? undefined : sha256Of(canonicalJson({ holdId, ...said })),
  })) as QuestionAnswer;
  if ((decided.code !== "ok" && decided.code !== "repeated") || decided.hold === undefined)
    throw refusal(decided, holdId);
  if (decided.code === "ok") deps.published(decided.hold.org_id, renderHold(decided.hold, decided.now));
  return renderOwnQuestion(decided.hold, decided.now, deps.agentName);
}

/** Question and answer are compared without a lock: the question never changes. */
async function prepare(
  deps: QuestionDeps,
  { credential, holdId }: SaidOnQuestion,
  answer: JsonValue,
): Promise<JsonValue> {
  const { hold, now } = await read(deps.database, credential, holdId);
  // What is over, also by its deadline alone (I6), or takes no answer, is told so by the function, whatever was sent along.
  const isOpen = effectiveStatus(holdState(hold), now) === "pending";
  if (!isOpen || hold.kind !== "clarification" || !hold.verdicts.includes("answer")) return answer;
  return checkGivenAnswer(deps.schemas, hold, answer);
}

/** Where to sign in. Throws `unsupported` where there are no providers, and for a question that is no sign-in. */
export async function authorizeQuestion(
  deps: QuestionDeps,
  credential: EndUserCredential,
  holdId: string,
): Promise<AuthorizeAnswer> {
  const { hold, now } = await read(deps.database, credential, holdId);
  const question = renderOwnQuestion(hold, now, deps.agentName);
  if (question.status === "expired") throw refusal({ code: "expired", now, hold }, holdId);
  if (question.status !== "pending") throw refusal({ code: "already_decided", now, hold }, holdId);
  if (hold.kind !== "authorization") {
    throw new ProblemError("verdict_not_allowed", `${holdId} asks for no sign-in: answer it, or decline.`, {
      allowedVerdicts: hold.verdicts.filter((verdict) => verdict === "answer" || verdict === "reject"),
    });
  }
  if (deps.authorize === undefined || hold.end_user_id === null)
    throw new ProblemError("unsupported", "No providers are configured here.");
  return deps.authorize({
    orgId: hold.org_id,
    endUserId: hold.end_user_id,
    holdId,
    device: credential.via === "page" ? credential.hash : undefined,
    verifiedBy: credential.via === "page" ? "end_user_link" : "end_user_token",
  });
}

async function read(
  database: Database,
  credential: EndUserCredential,
  holdId: string,
): Promise<{ hold: HoldRow; now: string }> {
  const answer = (await database.callIdempotent(
    "get_question_v1",
    credential.hash,
    holdId,
  )) as QuestionAnswer;
  if (answer.code !== "ok" || answer.hold === undefined) throw refusal(answer, holdId);
  return { hold: answer.hold, now: answer.now };
}

/** As holds' refusals, without the names of the organisation's people: an end user is told what, when, and whether it was them. */
function refusal({ code, hold, isOwn }: QuestionAnswer, holdId: string): ProblemError {
  const decidedAt = renderInstantOrNull(hold?.decided_at ?? null);
  switch (code) {
    case "unauthorized":
      return notAnEndUser();
    case "not_found":
      return new ProblemError("not_found", `There is no question ${holdId} of yours here.`);
    case "already_decided": {
      const by = isOwn === true ? "you" : hold?.status === "cancelled" ? "the agent" : "somebody else";
      return new ProblemError(
        "already_decided",
        `This question is closed: ${by} ${PAST[hold?.status ?? ""] ?? "settled it"} at ${decidedAt ?? "an earlier time"}.`,
        { winner: { status: hold?.status, by, decidedAt } },
      );
    }
    case "expired":
      return new ProblemError(
        "expired",
        `The time for this question ended at ${renderInstantOrNull(hold?.expires_at ?? null) ?? "its deadline"}. The agent asks again if it still needs to know.`,
        { holdId },
      );
    case "verdict_not_allowed":
      return new ProblemError(
        "verdict_not_allowed",
        hold?.kind === "authorization"
          ? `${holdId} asks for a sign-in: give it at the provider, or decline.`
          : `${holdId} does not take that.`,
        { allowedVerdicts: hold?.verdicts ?? [] },
      );
    case "not_strong_enough":
      return new ProblemError(
        "not_strong_enough",
        `${holdId} asks for a stronger proof of who answers than a link or an app gives.`,
      );
    case "idempotency_mismatch":
      return idempotencyMismatch();
    default:
      throw new TypeError(`hot function answered with an unknown code: ${code}`);
  }
}

const PAST: Record<string, string> = {
  answered: "answered it",
  rejected: "declined it",
  cancelled: "withdrew it",
};
