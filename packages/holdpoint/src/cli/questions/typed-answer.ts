import type { AnyQuestion } from "@holdpoint/client";
import { isJsonObject, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import { UsageError } from "../exit-code.ts";
import { applyAssignments, parseTypedText, type Assignment } from "../holds/typed-value.ts";
import { printable } from "../terminal/printable.ts";
import { fieldsOf } from "./form.ts";
import { optionsNamed, type Choice } from "./options.ts";
import { expectationOf } from "./question-lines.ts";

/** What the person typed: exactly one of the four. */
export interface TypedAnswer {
  words?: string | undefined;
  choose?: readonly string[] | undefined;
  set?: readonly Assignment[] | undefined;
  /** The proposed value as it is. */
  isAsIs?: boolean | undefined;
}

/** The answer that was meant, typed by the question: a number stays a number. Throws {@link UsageError} with what would fit. */
export function readAnswer(question: AnyQuestion, typed: TypedAnswer): JsonValue {
  const { words, choose = [], set = [] } = typed;
  if (choose.length > 0) return question.type === "choice" ? chosen(question, choose) : misfit(question);
  if (set.length > 0) return assigned(question, set);
  if (typed.isAsIs === true) return question.type === "value" ? question.value : misfit(question);
  if (words === undefined) return misfit(question);
  switch (question.type) {
    case "choice":
      return chosen(question, [words]);
    case "verification":
      return yesOrNo(words) ?? misfit(question);
    case "action":
      if (!question.requireConfirmation) return misfit(question);
      return words.toLowerCase() === "done" || yesOrNo(words) === true ? true : misfit(question);
    case "value":
      return parseTypedText(words, question.schema, question.value, "the value");
    case "input":
      return fieldsOf(question.schema) === undefined ? typedBy(question.schema, words) : misfit(question);
    case "custom":
      if (question.schema === undefined || fieldsOf(question.schema) !== undefined) return misfit(question);
      return typedBy(question.schema, words);
    default:
      return misfit(question);
  }
}

function typedBy(schema: JsonObject, words: string): JsonValue {
  return parseTypedText(words, schema, undefined, "the answer");
}

function assigned(question: AnyQuestion, set: readonly Assignment[]): JsonValue {
  if (question.type === "value" && isJsonObject(question.value)) {
    return applyAssignments(question.value, question.schema ?? null, set);
  }
  const schema = question.type === "input" || question.type === "custom" ? question.schema : undefined;
  if (schema === undefined || fieldsOf(schema) === undefined) return misfit(question);
  return applyAssignments({}, schema, set);
}

/** `yes` and `true`, `no` and `false`; anything else is neither. */
export function yesOrNo(words: string): boolean | undefined {
  const word = words.toLowerCase();
  return ["yes", "true"].includes(word) ? true : ["no", "false"].includes(word) ? false : undefined;
}

function chosen(question: Choice, names: readonly string[]): JsonValue {
  if (!question.multiple && names.length > 1) throw new UsageError(expectationOf(question));
  const values = names.map((name) => findOption(question, name));
  return question.multiple ? values : (values[0] ?? null);
}

function findOption(question: Choice, name: string): JsonValue {
  const found = optionsNamed(question, name);
  if (found.length === 1 && found[0] !== undefined) return found[0].value;
  const shown = printable(name);
  throw new UsageError(
    found.length === 0
      ? `"${shown}" is none of the options. ${expectationOf(question)}`
      : `"${shown}" is the name of several options. Say which by --value: ${found.map(({ value }) => printable(JSON.stringify(value))).join(" or ")}.`,
  );
}

function misfit(question: AnyQuestion): never {
  throw new UsageError(expectationOf(question));
}
