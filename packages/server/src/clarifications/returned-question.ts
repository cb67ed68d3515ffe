import type { JsonValue } from "@holdpoint/protocol";
import type { AskToRaise } from "./asking.ts";
import {
  actionQuestion,
  choiceQuestion,
  customQuestion,
  inputQuestion,
  valueQuestion,
  verificationQuestion,
  type AnswerSchema,
  type ChoiceOption,
  type CustomQuestion,
  type LinkToVisit,
  type TypedQuestion,
} from "./question.ts";
import { askedWith, type AskOptions } from "./tool-asks.ts";

const QUESTION = Symbol.for("holdpoint.question");

/** What a tool may return instead of a result: a question to a person. Made by `ask` and `choose`. */
export interface ReturnedQuestion {
  readonly [QUESTION]: {
    readonly typed: TypedQuestion<unknown>;
    readonly more: Pick<AskToRaise, "title" | "timeoutSeconds" | "onTimeout">;
  };
}

type More = Omit<AskOptions, "title">;

/**
 * Questions that a tool returns. The call waits; when a person has answered, the tool starts again and finds the answer in
 * `context.answer`. If it returns the same question once more, the answer is its result.
 *
 * @example
 * execute: async ({ name }, context) => {
 *   const accounts = await findAccounts(name);
 *   if (context.answer === undefined) return ask.choice("Which account?", accounts.map(({ id }) => id));
 *   return details(context.answer);
 * }
 */
export const ask = Object.freeze({
  action: (title: string, link: LinkToVisit, more?: More) =>
    returned(title, more, actionQuestion(link, more?.guidance)),
  input: (title: string, schema: AnswerSchema, more?: More) =>
    returned(title, more, inputQuestion(schema, more?.guidance)),
  choice: (
    title: string,
    options: readonly ChoiceOption<JsonValue>[],
    more?: More & { multiple?: boolean },
  ) => returned(title, more, choiceQuestion(options, more?.multiple === true, more?.guidance)),
  value: (title: string, value: JsonValue, more?: More & { schema?: AnswerSchema }) =>
    returned(title, more, valueQuestion(value, more?.schema, more?.guidance)),
  verify: (title: string, more?: More) => returned(title, more, verificationQuestion(more?.guidance)),
  custom: (title: string, question: CustomQuestion, more?: More) =>
    returned(title, more, customQuestion(question, more?.guidance)),
});

/** `ask.choice`: `return choose("Which account?", options)`. */
export const choose = ask.choice;

function returned(title: string, more: More | undefined, typed: TypedQuestion<unknown>): ReturnedQuestion {
  return Object.freeze({ [QUESTION]: Object.freeze({ typed, more: askedWith(title, { ...more, title }) }) });
}

/** The question in a tool's result; undefined where it is a result. */
export function findReturnedQuestion(
  result: unknown,
):
  | { typed: TypedQuestion<unknown>; more: Pick<AskToRaise, "title" | "timeoutSeconds" | "onTimeout"> }
  | undefined {
  if (typeof result !== "object" || result === null || !(QUESTION in result)) return undefined;
  return (result as ReturnedQuestion)[QUESTION];
}
