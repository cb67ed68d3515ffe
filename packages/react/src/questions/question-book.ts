import type { OwnQuestion } from "@holdpoint/protocol";

/**
 * What is known of a person's questions. A question that was open during this visit keeps its place when it is settled:
 * nothing moves under a finger. What was settled before stands below.
 */
export interface QuestionBook {
  readonly byId: ReadonlyMap<string, OwnQuestion>;
  /** Ids in the order in which they were first seen open. */
  readonly seenOpen: readonly string[];
  /** Something has been read. */
  readonly isRead: boolean;
}

export const EMPTY_BOOK: QuestionBook = { byId: new Map(), seenOpen: [], isRead: false };

/** The book with what has come in. An older version never takes the place of a newer one, however late it comes. */
export function withQuestions(book: QuestionBook, incoming: readonly OwnQuestion[]): QuestionBook {
  const byId = new Map(book.byId);
  const seenOpen = [...book.seenOpen];
  for (const question of incoming) {
    const known = byId.get(question.id);
    if (known !== undefined && known.version > question.version) continue;
    byId.set(question.id, question);
    if (question.status === "pending" && !seenOpen.includes(question.id)) seenOpen.push(question.id);
  }
  return { byId, seenOpen, isRead: book.isRead };
}

/**
 * After a whole reading: what was open before it and is not there any more is not shown as open. What has come in since the
 * reading began stays: the reading may be older than that.
 */
export function afterReading(
  book: QuestionBook,
  before: QuestionBook,
  { open, decided }: { open: readonly OwnQuestion[]; decided: readonly OwnQuestion[] },
): QuestionBook {
  // Oldest first, so that what comes later is added below and moves nothing.
  const inOrder = open.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));
  const next = withQuestions(book, [...inOrder, ...decided]);
  const found = new Set([...open, ...decided].map(({ id }) => id));
  const isGone = ([id, known]: [string, OwnQuestion]) =>
    known.status === "pending" && before.byId.has(id) && !found.has(id);
  const byId = new Map([...next.byId].filter((entry) => !isGone(entry)));
  return { byId, seenOpen: next.seenOpen.filter((id) => byId.has(id)), isRead: true };
}

/** Those that are open, and those that were at the beginning of this visit, each in its place. */
export function currentOf(book: QuestionBook): OwnQuestion[] {
  return book.seenOpen.flatMap((id) => book.byId.get(id) ?? []);
}

/** Those that were settled before this visit, the last one first. */
export function earlierOf(book: QuestionBook): OwnQuestion[] {
  const current = new Set(book.seenOpen);
  return [...book.byId.values()]
    .filter(({ id }) => !current.has(id))
    .toSorted((a, b) => (b.decidedAt ?? "").localeCompare(a.decidedAt ?? ""));
}
