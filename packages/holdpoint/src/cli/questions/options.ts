import type { AnyQuestion } from "@holdpoint/client";
import type { JsonValue } from "@holdpoint/protocol";

export type Choice = Extract<AnyQuestion, { type: "choice" }>;
type Option = Choice["options"][number];

/** True where the place in the list can name an option, because nothing else there looks like a number. */
export function hasClearNumbers({ options }: Choice): boolean {
  return options.every(({ value, label }) => !isNumber(label) && !isNumber(textOf(value)));
}

/**
 * The options that are meant: by value or label, exactly; else by label without regard to case; else by place. More than
 * one where that does not tell them apart: nothing guesses between two.
 */
export function optionsNamed(question: Choice, name: string): Option[] {
  const { options } = question;
  const exact = options.filter(({ value, label }) => label === name || textOf(value) === name);
  if (exact.length > 0) return exact;
  const similar = options.filter(({ label }) => label.toLowerCase() === name.toLowerCase());
  if (similar.length > 0) return similar;
  return isNumber(name) && hasClearNumbers(question) ? options.slice(Number(name) - 1, Number(name)) : [];
}

function isNumber(text: string): boolean {
  return /^[1-9]\d*$/.test(text);
}

function textOf(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
