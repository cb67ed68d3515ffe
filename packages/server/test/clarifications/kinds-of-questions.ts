import type { JsonValue } from "@holdpoint/protocol";

/** A kind of question, what fits it, and what does not. */
export interface KindOfQuestion {
  name: string;
  question: Record<string, JsonValue>;
  right: JsonValue[];
  /** With what the refusal says: the path under the answer and words of its message. */
  wrong: [answer: JsonValue, path: string, message: RegExp][];
}

const ACCOUNT = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 1 },
    age: { type: "integer", minimum: 0 },
    plan: { enum: ["free", "paid"] },
  },
  required: ["name"],
  additionalProperties: false,
};

export const KINDS_OF_QUESTIONS: KindOfQuestion[] = [
  {
    name: "action, to be confirmed",
    question: { type: "action", url: "https://example.com/x", label: "Sign", requireConfirmation: true },
    right: [true],
    wrong: [
      [false, "answer", /must be true/],
      ["done", "answer", /must be true/],
      [null, "answer", /must be true/],
    ],
  },
  {
    name: "action that answers for itself",
    question: { type: "action", url: "https://example.com/x", label: "Open" },
    right: [],
    wrong: [[true, "answer", /comes by itself/]],
  },
  {
    name: "input",
    question: { type: "input", schema: ACCOUNT, guidance: "**Who** is it?" },
    right: [{ name: "Ada" }, { name: "Ada", age: 0, plan: "paid" }],
    wrong: [
      [{ name: "Ada", age: "36" }, "answer.age", /integer/],
      [{ age: 36 }, "answer", /name/],
      [{ name: "Ada", plan: "gold" }, "answer.plan", /./],
      [{ name: "Ada", isAdmin: true }, "answer", /isAdmin/],
      ["Ada", "answer", /object/],
      [null, "answer", /object/],
    ],
  },
  {
    name: "choice",
    question: {
      type: "choice",
      options: [
        { value: 1, label: "One" },
        { value: { id: "b", n: 2 }, label: "Two" },
        { value: null, label: "None" },
      ],
    },
    right: [1, { n: 2, id: "b" }, null],
    wrong: [
      ["1", "answer", /one of the options/],
      ["One", "answer", /one of the options/],
      [[1], "answer", /one of the options/],
      [{ id: "b" }, "answer", /one of the options/],
    ],
  },
  {
    name: "choice of several",
    question: {
      type: "choice",
      multiple: true,
      options: ["a", "b", "c"].map((value) => ({ value, label: value.toUpperCase() })),
    },
    right: [["a"], ["c", "a"]],
    wrong: [
      ["a", "answer", /list/],
      [[], "answer", /one or more/],
      [["a", "d"], "answer.[1]", /one of the options/],
      [["a", "a"], "answer.[1]", /twice/],
    ],
  },
  {
    name: "value",
    question: { type: "value", value: 240 },
    right: [240, 200.5],
    wrong: [
      ["240", "answer", /must be a number/],
      [null, "answer", /must be a number/],
    ],
  },
  {
    name: "value within a schema",
    question: { type: "value", value: 240, schema: { type: "integer", maximum: 300 } },
    right: [240, 300],
    wrong: [
      [301, "answer", /300/],
      [1.5, "answer", /integer/],
    ],
  },
  {
    name: "verification",
    question: { type: "verification" },
    right: [true, false],
    wrong: [
      ["true", "answer", /true or false/],
      [1, "answer", /true or false/],
      [null, "answer", /true or false/],
    ],
  },
  {
    name: "custom",
    question: { type: "custom", name: "seat_map", data: { row: 7 } },
    right: [{ seat: "7A" }, "anything", null],
    wrong: [],
  },
  {
    name: "custom with a schema",
    question: { type: "custom", name: "seat_map", schema: { enum: ["7A", "7B"] } },
    right: ["7A"],
    wrong: [
      ["7C", "answer", /./],
      [{ seat: "7A" }, "answer", /./],
    ],
  },
];

/** An answer that fits; where only an event answers, one that would. */
export function anAnswerTo(kind: KindOfQuestion): JsonValue {
  return kind.right[0] ?? true;
}
