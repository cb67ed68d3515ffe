import type { AuthorizationQuestion, Hold, Question } from "@holdpoint/protocol";

/** Anything that an agent may ask of a person, by its `type`. */
export type AnyQuestion = Question | AuthorizationQuestion;
export type ClarificationKind = AnyQuestion["type"];
type QuestionByKind = { [Each in AnyQuestion as Each["type"]]: Each };

/** A question of a run, as whoever presents it needs it. */
export interface Clarification<Kind extends ClarificationKind = ClarificationKind> {
  /** The id of its hold. */
  id: string;
  kind: Kind;
  question: QuestionByKind[Kind];
  /** What the developer wrote for the person, in Markdown; of an authorization its purpose. */
  guidance: string | undefined;
  title: string;
  summary: string | null;
  agentId: string | null;
  runId: string | null;
  toolCallId: string | null;
  /** Whom it is addressed to. Null: people of the organisation. */
  endUserId: string | null;
  createdAt: string;
  expiresAt: string | null;
  /** All of it. */
  hold: Hold;
}

const KINDS = {
  action: true,
  input: true,
  choice: true,
  value: true,
  verification: true,
  custom: true,
  authorization: true,
} satisfies Record<ClarificationKind, true>;

/** The question that a hold asks; undefined for what is none: an approval, an escalation, a kind of a newer server. */
export function findClarification(hold: Hold): Clarification | undefined {
  const question = hold.question as AnyQuestion | null;
  if (question === null || !Object.hasOwn(KINDS, question.type)) return undefined;
  return {
    id: hold.id,
    kind: question.type,
    question,
    guidance: question.type === "authorization" ? question.purpose : question.guidance,
    title: hold.title,
    summary: hold.summary,
    agentId: hold.agentId,
    runId: hold.runId,
    toolCallId: hold.toolCallId,
    endUserId: hold.endUserId,
    createdAt: hold.createdAt,
    expiresAt: hold.expiresAt,
    hold,
  };
}
