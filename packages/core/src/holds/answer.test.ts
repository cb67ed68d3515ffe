import type { JsonValue, Question } from "@holdpoint/protocol";
import { describe, expect, test } from "vitest";
import { anySchema, REVIEWER, sampleHoldOf, SYSTEM } from "../../test/sample-hold.ts";
import { checkAnswer } from "./answer.ts";
import type { SchemaCheck } from "./hold-command.ts";

const numbersOnly: SchemaCheck = (_schema, value) =>
  typeof value === "number" ? { value } : { errors: [{ path: "", message: "must be a number" }] };

const options = [
  { value: "a", label: "A" },
  { value: { id: 2, kind: "b" }, label: "B" },
];

describe.each<[string, Question, JsonValue[], JsonValue[]]>([
  ["verification", { type: "verification" }, [true, false], ["yes", 1, null]],
  [
    "choice",
    { type: "choice", options, multiple: false },
    ["a", { kind: "b", id: 2 }],
    ["b", "A", ["a"], null],
  ],
  [
    "choice of several",
    { type: "choice", options, multiple: true },
    [["a"], [{ id: 2, kind: "b" }, "a"]],
    ["a", [], ["a", "a"], ["x"]],
  ],
  ["input", { type: "input", schema: {} }, [3], ["3"]],
  ["value with a schema", { type: "value", value: 1, schema: {} }, [1, 2], ["2"]],
  ["value without a schema", { type: "value", value: "x" }, ["x", "y"], [1, null, ["x"]]],
  [
    "action to confirm",
    { type: "action", url: "https://x.example", label: "Go", requireConfirmation: true },
    [true],
    [false, "done"],
  ],
  ["custom with a schema", { type: "custom", name: "map", schema: {} }, [1], ["1"]],
  ["custom without a schema", { type: "custom", name: "map" }, [1, { a: [null] }], []],
])("%s", (_name, question, right, wrong) => {
  const hold = sampleHoldOf("clarification", { question });
  test.each(right.map((value) => [value]))("takes %j", (value) => {
    expect(checkAnswer(hold, value, REVIEWER, numbersOnly)).toEqual({ value });
  });
  test.each(wrong.map((value) => [value]))("refuses %j", (value) => {
    expect(checkAnswer(hold, value, REVIEWER, numbersOnly)).toHaveProperty("errors");
  });
  test("refuses no answer", () =>
    expect(checkAnswer(hold, undefined, REVIEWER, numbersOnly)).toHaveProperty("errors"));
});

test("what a person cannot know is answered by its event only", () => {
  const link = sampleHoldOf("clarification", {
    question: { type: "action", url: "https://x.example", label: "Go", requireConfirmation: false },
  });
  for (const hold of [link, sampleHoldOf("authorization")]) {
    expect(checkAnswer(hold, true, REVIEWER, anySchema)).toHaveProperty("errors");
    expect(checkAnswer(hold, { connectionId: "con_1" }, SYSTEM, anySchema)).toHaveProperty("value");
  }
});

describe("escalations", () => {
  test.each([{ guidance: "Again." }])("%j sends back", (value) => {
    expect(checkAnswer(sampleHoldOf("escalation"), value, REVIEWER, anySchema)).toEqual({ value });
  });
  test.each([["Again."], [{ guidance: "" }], [{ guidance: 1 }], [{ guidance: "a", approve: true }], [{}]])(
    "%j does not",
    (value) => {
      expect(checkAnswer(sampleHoldOf("escalation"), value, REVIEWER, anySchema)).toHaveProperty("errors");
    },
  );

  const lost = sampleHoldOf("escalation", { isUnknownExecution: true });
  test.each([
    { executed: "succeeded", result: { deleted: 50 } },
    { executed: "failed" },
    { executed: "retry" },
  ])("%j is a finding", (value) => {
    expect(checkAnswer(lost, value, REVIEWER, anySchema)).toEqual({ value });
  });
  test.each([
    [true],
    [{}],
    [{ executed: "maybe" }],
    [{ executed: "retry", force: true }],
    [{ guidance: "x" }],
  ])("%j is none", (value) => {
    expect(checkAnswer(lost, value, REVIEWER, anySchema)).toHaveProperty("errors");
  });
});
