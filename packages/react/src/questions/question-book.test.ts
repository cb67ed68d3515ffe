import type { OwnQuestion } from "@holdpoint/protocol";
import { expect, test } from "vitest";
import { afterReading, currentOf, earlierOf, EMPTY_BOOK, withQuestions } from "./question-book.ts";

function question(id: string, version: number, status: OwnQuestion["status"] = "pending"): OwnQuestion {
  const at = `2026-11-21T10:0${id}:00.000Z`;
  return {
    id,
    kind: "clarification",
    status,
    title: id,
    summary: null,
    question: { type: "verification" },
    agentId: null,
    agentName: null,
    createdAt: at,
    expiresAt: null,
    decidedAt: status === "pending" ? null : at,
    answer: null,
    version,
  };
}

test("oldest first; what is settled during the visit keeps its place, what was before stands below", () => {
  const read = afterReading(EMPTY_BOOK, EMPTY_BOOK, {
    open: [question("2", 1), question("1", 1)],
    decided: [question("0", 2, "answered")],
  });
  const book = withQuestions(read, [question("1", 2, "answered"), question("3", 1)]);
  expect(currentOf(book).map(({ id, status }) => [id, status])).toEqual([
    ["1", "answered"],
    ["2", "pending"],
    ["3", "pending"],
  ]);
  expect(earlierOf(book).map(({ id }) => id)).toEqual(["0"]);
});

test("an older version that comes late changes nothing", () => {
  const read = afterReading(EMPTY_BOOK, EMPTY_BOOK, { open: [question("1", 1)], decided: [] });
  const book = withQuestions(withQuestions(read, [question("1", 2, "answered")]), [question("1", 1)]);
  expect(currentOf(book)[0]?.status).toBe("answered");
});

test("what a whole reading does not have any more is not shown as open", () => {
  const read = afterReading(EMPTY_BOOK, EMPTY_BOOK, {
    open: [question("1", 1), question("2", 1)],
    decided: [],
  });
  const again = afterReading(read, read, { open: [question("2", 1)], decided: [] });
  expect(currentOf(again).map(({ id }) => id)).toEqual(["2"]);
});

test("what has come in while a reading was under way is not taken away by it", () => {
  const before = afterReading(EMPTY_BOOK, EMPTY_BOOK, { open: [question("1", 1)], decided: [] });
  const meanwhile = withQuestions(before, [question("2", 1)]);
  const read = afterReading(meanwhile, before, { open: [question("1", 1)], decided: [] });
  expect(currentOf(read).map(({ id }) => id)).toEqual(["1", "2"]);
});
