import { canonicalJson, type JsonObject, type JsonValue } from "@holdpoint/protocol";

const MAX_VALUE_LENGTH = 60;
const MAX_ARGUMENTS = 6;
const MAX_LENGTH = 300;

/**
 * One plain sentence about an action, from nothing but its stored name and arguments (I13):
 * `delete_records {table_name: "users", count: 50}` gives `Delete records: table_name users, count 50`.
 *
 * Text that could be taken for another argument is quoted, and invisible characters are written out, so that no
 * value can pretend to be something else. At most 300 characters.
 */
export function titleOf(action: { name: string; arguments: JsonObject }): string {
  const entries = Object.entries(action.arguments);
  const shown = entries
    .slice(0, MAX_ARGUMENTS)
    .map(([name, value]) => `${renderText(name)} ${renderValue(value)}`);
  if (entries.length > MAX_ARGUMENTS) shown.push(`and ${entries.length - MAX_ARGUMENTS} more`);
  const title = shown.length === 0 ? sentence(action.name) : `${sentence(action.name)}: ${shown.join(", ")}`;
  return cut(title, MAX_LENGTH);
}

/** What an authorization is called, wherever it comes from. The provider's label is the operator's own text. */
export function titleOfSignIn(label: string): string {
  return cut(`Allow access to ${visible(label)}`, MAX_LENGTH);
}

function sentence(name: string): string {
  const words = visible(name)
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2")
    .replace(/[_\-./:\s]+/gu, " ")
    .trim()
    .toLowerCase();
  return words === "" ? renderText(name) : words.charAt(0).toUpperCase() + words.slice(1);
}

function renderValue(value: JsonValue): string {
  return typeof value === "string" ? renderText(value) : cut(visible(canonicalJson(value)), MAX_VALUE_LENGTH);
}

/** Plain when it is one harmless word; quoted otherwise. "50" stays apart from 50, "null" from null. */
function renderText(text: string): string {
  const isPlain =
    /^[\p{L}_][\p{L}\p{M}\p{N}_.@+-]*$/u.test(text) && !["true", "false", "null"].includes(text);
  const short = cut(text, MAX_VALUE_LENGTH);
  return visible(isPlain ? short : JSON.stringify(short));
}

/** Writes out what a reader cannot see: control, format (also bidirectional) and other invisible characters. */
function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu,
    (character) => {
      return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
    },
  );
}

function cut(text: string, length: number): string {
  const characters = Array.from(text); // by code point: no surrogate pair is cut in two
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join("")}…`;
}
