import type { JsonObject, JsonValue } from "@holdpoint/protocol";
import { printable, printableJson } from "../terminal/printable.ts";
import type { Style } from "../terminal/style.ts";

/**
 * Every argument of an action, whole, one below the other: what is shown is what is executed, so nothing is cut,
 * wrapped or prettified away. A text of several lines is set as a block.
 */
export function renderArguments(values: JsonObject, style: Style): string[] {
  const names = Object.keys(values);
  if (names.length === 0) return [style.dim("(no arguments)")];
  const width = Math.min(24, Math.max(...names.map((name) => printable(name).length)));
  return names.flatMap((name) => {
    const [first = "", ...rest] = renderValue(values[name] as JsonValue);
    return [`${style.dim(printable(name).padEnd(width))}  ${first}`, ...rest.map((line) => `  ${line}`)];
  });
}

/** A value as JSON, except that a text of several lines becomes a block whose lines start with a bar. */
function renderValue(value: JsonValue): string[] {
  if (typeof value === "string" && value.includes("\n")) {
    const lines = value.split("\n");
    return [`(text, ${lines.length} lines)`, ...lines.map((line) => `│ ${renderLine(line)}`)];
  }
  const flat = renderFact(value);
  if (typeof value !== "object" || value === null || flat.length <= 60) return [flat];
  return escapeSpaces(printableJson(value, 2)).split("\n");
}

/** A value on one line, as JSON. */
export function renderFact(value: JsonValue | undefined): string {
  return value === undefined ? "(absent)" : escapeSpaces(printableJson(value));
}

/** In facts also the spaces that only look like the space are told apart. */
function escapeSpaces(json: string): string {
  return json.replaceAll(
    /(?![ \n])\p{Zs}/gu,
    (space) => `\\u${space.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function renderLine(line: string): string {
  return printable(line).replace(/ +$/, (spaces) => "\\u{20}".repeat(spaces.length));
}
