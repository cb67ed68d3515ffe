import { canonicalJson, isJsonObject, toJsonValue, type JsonValue } from "@holdpoint/protocol";
import { checkOptions, integer, kindOf, required, text, type OptionRule } from "../agents/options.ts";
import type { Asking } from "./asking.ts";
import { choiceQuestion } from "./question.ts";
import { askFor } from "./tool-asks.ts";

/** A tool's result is a list of which a person picks one when there are too many (R9, R10). */
export interface ChooseFromOptions {
  /** With more items than that a person is asked. */
  above: number;
  /** What the person reads of an item: the name of one of its members, or a function. */
  label: string | ((item: never) => string);
  /** By what the choice is known: the name of one of its members, or a function. Must tell the items apart. */
  value: string | ((item: never) => JsonValue);
  /** Default "Which one?". */
  title?: string;
  guidance?: string;
}

export interface DefinedChooseFrom {
  readonly above: number;
  readonly title: string;
  readonly guidance: string | undefined;
  readonly optionOf: (item: JsonValue) => { value: JsonValue; label: string };
}

const reader: OptionRule = {
  check: (value) =>
    typeof value === "function" || (typeof value === "string" && value !== "")
      ? undefined
      : `must be the name of a member or a function, not ${kindOf(value)}`,
};
const RULES: Record<keyof ChooseFromOptions, OptionRule> = {
  above: required(integer(0, 1_000)),
  label: required(reader),
  value: required(reader),
  title: text(300),
  guidance: text(10_000),
};

/** Throws `ConfigError`. */
export function defineChooseFrom(subject: string, options: ChooseFromOptions): DefinedChooseFrom {
  checkOptions(`${subject}, chooseFrom`, options, RULES);
  const read = (given: string | ((item: never) => unknown), item: JsonValue): JsonValue => {
    if (typeof given === "function") return toJsonValue(given(item as never) ?? null);
    return isJsonObject(item) ? (item[given] ?? null) : null;
  };
  return Object.freeze({
    above: options.above,
    title: options.title ?? "Which one?",
    guidance: options.guidance,
    optionOf(item: JsonValue) {
      const label = read(options.label, item);
      const words = typeof label === "string" ? label : JSON.stringify(label);
      return { value: read(options.value, item), label: words.slice(0, 500) || "(no name)" };
    },
  });
}

const MOST_OPTIONS = 1_000;

/** The list, or of too many the one that the person chose: still a list, so that the result keeps its shape. */
export async function chooseFromResult(
  asking: Asking,
  { above, title, guidance, optionOf }: DefinedChooseFrom,
  result: JsonValue,
): Promise<JsonValue> {
  if (!Array.isArray(result) || result.length <= above) return result;
  const byValue = new Map<string, { item: JsonValue; option: { value: JsonValue; label: string } }>();
  for (const item of result) {
    const option = optionOf(item);
    const key = canonicalJson(option.value);
    if (!byValue.has(key)) byValue.set(key, { item, option });
  }
  const offered = [...byValue.values()].slice(0, MOST_OPTIONS).map(({ option }) => option);
  const note =
    byValue.size > offered.length ? `The first ${offered.length} of ${byValue.size} are offered.` : undefined;
  const words = [guidance, note].filter((line) => line !== undefined).join("\n\n");
  const question = choiceQuestion(offered, false, words === "" ? undefined : words);
  const chosen = await askFor(asking, "$chooseFrom", question, { title });
  const found = byValue.get(canonicalJson(chosen));
  return found === undefined ? result : [found.item];
}
