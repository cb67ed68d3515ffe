import type { AnyQuestion } from "@holdpoint/client";
import { describe, expect, test } from "vitest";
import { parseAssignment } from "../src/cli/holds/typed-value.ts";
import { renderCard } from "../src/cli/holds/card.ts";
import { readAnswer, type TypedAnswer } from "../src/cli/questions/typed-answer.ts";
import { plainStyle } from "../src/cli/terminal/style.ts";
import { exampleHold } from "./example-hold.ts";

const choice = (options: { value: never; label: string }[] | unknown[], multiple = false) =>
  ({ type: "choice", options, multiple }) as AnyQuestion;
const ACCOUNTS = choice([
  { value: "acc_1", label: "Current" },
  { value: "acc_2", label: "Savings" },
]);
const FORM: AnyQuestion = {
  type: "input",
  schema: {
    type: "object",
    properties: { nights: { type: "integer" }, name: { type: "string" } },
    required: ["nights"],
    additionalProperties: false,
  },
};
const ACTION: AnyQuestion = {
  type: "action",
  url: "https://example.com/x",
  label: "Sign",
  requireConfirmation: true,
};
const set = (...options: string[]): TypedAnswer => ({
  set: options.map((option) => parseAssignment(option, false)),
});

describe("what is meant", () => {
  const RIGHT: [string, AnyQuestion, TypedAnswer, unknown][] = [
    ["yes", { type: "verification" }, { words: "Yes" }, true],
    ["no", { type: "verification" }, { words: "no" }, false],
    ["done", ACTION, { words: "done" }, true],
    ["a label", ACCOUNTS, { choose: ["Savings"] }, "acc_2"],
    ["a label without regard to case", ACCOUNTS, { words: "savings" }, "acc_2"],
    ["a value", ACCOUNTS, { choose: ["acc_2"] }, "acc_2"],
    ["a place in the list", ACCOUNTS, { words: "2" }, "acc_2"],
    [
      "a value that is a number, rather than a place",
      choice([
        { value: 2, label: "Two" },
        { value: 1, label: "One" },
      ]),
      { choose: ["2"] },
      2,
    ],
    [
      "several",
      { ...ACCOUNTS, multiple: true } as AnyQuestion,
      { choose: ["Savings", "acc_1"] },
      ["acc_2", "acc_1"],
    ],
    ["the value as it is", { type: "value", value: 240 }, { isAsIs: true }, 240],
    ["another value, of its type", { type: "value", value: 240 }, { words: "200.5" }, 200.5],
    ["a text that looks like a number", { type: "value", value: "007" }, { words: "008" }, "008"],
    ["a member of a value", { type: "value", value: { a: 1, b: "x" } }, set("a=2"), { a: 2, b: "x" }],
    ["a form, typed", FORM, set("nights=2", "name=2"), { nights: 2, name: "2" }],
    ["a line of text", { type: "input", schema: { type: "string" } }, { words: "true" }, "true"],
    ["one of an enum", { type: "custom", name: "x", schema: { enum: ["a", 1] } }, { words: "1" }, 1],
  ];
  test.each(RIGHT)("%s", (_name, question, typed, expected) => {
    expect(readAnswer(question, typed)).toEqual(expected);
  });

  const WRONG: [string, AnyQuestion, TypedAnswer, RegExp][] = [
    ["neither yes nor no", { type: "verification" }, { words: "y" }, /Say yes or no/],
    ["not done yet", ACTION, { words: "later" }, /Say "done" once it is done/],
    [
      "a link that answers for itself",
      { ...ACTION, requireConfirmation: false },
      { words: "done" },
      /answered by itself/,
    ],
    [
      "no option",
      ACCOUNTS,
      { choose: ["Cash"] },
      /"Cash" is none of the options\. Choose one of: Current, Savings/,
    ],
    ["no place in the list", ACCOUNTS, { words: "3" }, /none of the options/],
    ["two of which one is asked", ACCOUNTS, { choose: ["Current", "Savings"] }, /Choose one of/],
    [
      "a name of two",
      choice([
        { value: "a", label: "Same" },
        { value: "b", label: "Same" },
      ]),
      { choose: ["Same"] },
      /several options\. Say which by --value: "a" or "b"/,
    ],
    ["a text for a number", { type: "value", value: 240 }, { words: "many" }, /must be a number, not "many"/],
    [
      "words for a form",
      FORM,
      { words: "two" },
      /--set name=value: nights \(a whole number, required\); name/,
    ],
    ["a field that is none", FORM, set("rooms=2"), /no field "rooms"/],
    ["a field for yes or no", { type: "verification" }, set("a=1"), /Say yes or no/],
    ["an option for a value", { type: "value", value: 1 }, { choose: ["1"] }, /--as-is/],
    [
      "a sign-in",
      { type: "authorization", provider: "google", label: "Google", scopes: [], purpose: "to read" },
      { words: "yes" },
      /once they have signed in at Google; nobody can say so\. It can be rejected/,
    ],
  ];
  test.each(WRONG)("is not %s: what would be is said", (_name, question, typed, message) => {
    expect(() => readAnswer(question, typed)).toThrow(message);
  });
});

describe("the card of a question", () => {
  const card = (question: AnyQuestion, more: object = {}) =>
    renderCard(
      exampleHold({
        kind: question.type === "authorization" ? "authorization" : "clarification",
        action: null,
        question: question as never,
        allowedVerdicts: ["reject", "answer"],
        ...more,
      }),
      { style: plainStyle, now: Date.parse("2026-08-01T12:00:00Z") },
    );

  test("says who is asked, and how to answer", () => {
    const text = card(ACCOUNTS);
    expect(text).toMatch(/data_manager asks to choose one for alice/);
    expect(text).toMatch(/Who is asked +alice, the end user, on their own page/);
    expect(text).toMatch(/Who may answer too +a reviewer/);
    expect(text).toMatch(/waits for alice/);
    expect(text).toMatch(/If nobody answers, it ends as expired/);
    expect(text).toMatch(/their page +npx holdpoint end-users link alice$/m);
    expect(card(ACCOUNTS, { endUserId: "a'; rm -rf" })).not.toMatch(/end-users link/);
    expect(card(ACCOUNTS, { endUserId: null })).toMatch(/waits for you/);
    const by = { id: "alice", name: "Alice", via: "page" };
    expect(
      card(ACCOUNTS, { status: "answered", outcome: { verdict: "answer", answer: "savings", by } }),
    ).toMatch(/Answer +"savings"/);
    expect(text).toMatch(/holds answer hold_1 --choose "…"/);
    expect(card({ type: "verification" }, { endUserId: null })).toMatch(/Who is asked +a reviewer/);
  });

  test("shows a sign-in with its provider, scopes and purpose, and no command that could claim it", () => {
    const text = card({
      type: "authorization",
      provider: "google",
      label: "Google",
      scopes: ["calendar.read", "email"],
      purpose: "to find a free hour",
    });
    expect(text).toMatch(/needs access to Google for alice/);
    expect(text).toMatch(/Who may reject it +a reviewer/);
    expect(text).toMatch(/If they do not sign in, it ends as expired/);
    expect(text).toMatch(/Provider +Google \(google\)/);
    expect(text).toMatch(/Scopes +calendar\.read, email/);
    expect(text).toMatch(/Purpose +to find a free hour/);
    expect(text).not.toMatch(/holds answer/);
    expect(text).toMatch(/holds reject/);
  });

  test("lets nothing that the asker wrote pose as a line of the card (I13)", () => {
    const evil = "fine\nOutcome             approved\u001b[2J\u202e";
    const kinds: AnyQuestion[] = [
      { ...ACTION, label: evil, guidance: evil },
      choice([{ value: evil, label: evil, detail: evil }]),
      { type: "value", value: evil },
      { type: "custom", name: evil, data: { [evil]: evil } },
      {
        type: "input",
        schema: { type: "object", properties: { [evil]: { type: "string", description: evil } } },
      },
      { type: "authorization", provider: evil, label: evil, scopes: [evil], purpose: evil },
    ];
    for (const question of kinds) {
      const text = card(question);
      // oxlint-disable-next-line no-control-regex -- that is what must not be there
      expect(text).not.toMatch(/[\u001b\u202e]/);
      expect(text.split("\n").filter((line) => /^ *Outcome/.test(line))).toEqual([]);
    }
  });
});
