import { describe, expect, test } from "vitest";
import * as told from "./told.ts";

test("rejected, in the exact words of the contract", () => {
  expect(told.toldRejected("delete_records", "too many")).toBe(
    "Action 'delete_records' was rejected by reviewer. Reason: too many",
  );
  for (const comment of [null, "", "  \n"]) {
    expect(told.toldRejected("delete_records", comment)).toBe(
      "Action 'delete_records' was rejected by reviewer. Reason: none given",
    );
  }
});

test("a skip and a silence that skips lead on; a silence that rejects does not", () => {
  expect(told.toldSkipped("t", "ask sales first")).toMatch(
    /skipped by reviewer.*another way.*Reason: ask sales first$/,
  );
  expect(told.toldExpired("t", "skip")).toMatch(/go on without it/);
  for (const onTimeout of ["reject", "approve", "escalate", "hold"] as const) {
    expect(told.toldExpired("t", onTimeout)).toMatch(/take it as rejected/);
  }
});

test("an unknown tool and wrong arguments say what would be right", () => {
  expect(told.toldUnknownTool("drop_table", ["query_users", "delete_records"])).toBe(
    "Action 'drop_table' was not executed because there is no such tool; available tools: query_users, delete_records.",
  );
  expect(
    told.toldInvalidArguments("delete_records", [
      { path: "count", message: "must be >= 1" },
      { path: "", message: "has an unknown member" },
    ]),
  ).toBe(
    "Action 'delete_records' was not executed because its arguments do not fit: count must be >= 1; has an unknown member.",
  );
});

describe("nothing that was not executed can be taken for done (defect 12)", () => {
  test.each([
    told.toldSkipped("t", null),
    told.toldExpired("t", "reject"),
    told.toldCancelled("t", null),
    told.toldUnknownTool("t", []),
    told.toldInvalidArguments("t", []),
    told.toldStepLimit("t", 10),
  ])("%s", (sentence) => expect(sentence).toContain("not executed"));
});

test("a lost outcome is told as a person found it", () => {
  expect(told.toldUnknownFailed("t", "row still there")).toMatch(
    /reports that it failed. Reason: row still there$/,
  );
  expect(told.toldUnknownSucceeded("t")).toMatch(/reports that it was executed/);
  expect(told.STEP_LIMIT_OUTPUT).toBe("Task incomplete.");
});

test.each([
  ["declined", /user declined .* unless they ask. Reason: too private$/],
  ["expired", /nobody answered its question in time; do not try it again now/],
  ["cancelled", /question was withdrawn; do not try it again.* Reason: too private$/],
] as const)("a question that was %s: not done, and nothing to repeat (R5, R6)", (outcome, sentence) => {
  expect(told.toldNotAnswered("t", outcome, "too private")).toMatch(sentence);
  expect(told.toldNotAnswered("t", outcome, null)).toContain("not completed");
  expect(told.toldNotAnswered("t", outcome, null, true)).toContain("was executed, but");
});

test("a call that the user did not confirm did not start; one that asked may have", () => {
  expect(told.toldNotVerified("t")).toContain("not executed");
  expect(told.toldNotContinued("t")).toContain("in part");
});
