/*
 * A terminal obeys what it is shown: escape sequences repaint lines, carriage returns overwrite them, bidirectional
 * overrides turn "50" into "05", invisible characters hide words. Whatever an agent, a tool or another person wrote
 * goes through here before it is printed (I13).
 */

/** Controls, format characters, surrogates, private use, unassigned; separators; whatever is drawn as nothing. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** Spaces that look like the space and are another character. */
const OTHER_SPACE = /[\p{Zs}]/gu;

export interface PrintableOptions {
  /** Keep line ends and tabs, and the joiners inside one emoji. Default false: a single line, for facts. */
  isProse?: boolean;
}

/**
 * Makes every character of `text` visible: what could not be seen, or could move the cursor, becomes `\u{…}`.
 *
 * Afterwards the text has no control, bidirectional or invisible character; as a fact (the default) it also is one
 * line and its only white space is U+0020.
 */
export function printable(text: string, options: PrintableOptions = {}): string {
  if (options.isProse !== true) {
    return text.replaceAll(UNSEEN, escapeCharacter).replaceAll(OTHER_SPACE, escapeUnlessSpace);
  }
  return text.replaceAll("\r\n", "\n").replaceAll(UNSEEN, (character, offset: number, whole: string) => {
    if (character === "\n" || character === "\t" || isInsideEmoji(character, offset, whole)) return character;
    return escapeCharacter(character);
  });
}

/** Agents that called each other, the outermost first. An arrow in a name would be another name's. */
export function printablePath(path: readonly string[]): string {
  return path.map((name) => printable(name).replaceAll("→", "\\u{2192}")).join(" → ");
}

/** A JSON document of the same value whose text has nothing unseen in it; `indent` as in `JSON.stringify`. */
export function printableJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent) ?? "null";
  // Outside of strings JSON has line ends only, inside none: those that are left here are the layout.
  return text.replaceAll(UNSEEN, (character) => (character === "\n" ? character : escapeForJson(character)));
}

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function escapeUnlessSpace(character: string): string {
  return character === " " ? character : escapeCharacter(character);
}

function escapeForJson(character: string): string {
  return Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
    .map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`)
    .join("");
}

/** The variation selector right after a pictograph, the joiner between two: part of what is seen. */
function isInsideEmoji(character: string, offset: number, whole: string): boolean {
  const before = /\p{Extended_Pictographic}\u{fe0f}?\p{Emoji_Modifier}?$/u.exec(
    whole.slice(Math.max(0, offset - 6), offset),
  );
  if (before === null) return false;
  if (character === "\u{fe0f}") return !before[0].includes("\u{fe0f}");
  return character === "\u{200d}" && /^\p{Extended_Pictographic}/u.test(whole.slice(offset + 1, offset + 3));
}

/** An emoji that may go on, half of a surrogate pair, CR that may come before LF. */
const UNFINISHED =
  /(?:\p{Extended_Pictographic}[\u{fe0f}\p{Emoji_Modifier}]*(?:\u{200d}\p{Extended_Pictographic}[\u{fe0f}\p{Emoji_Modifier}]*)*\u{200d}?|[\ud800-\udbff]|\r)$/u;
const MAX_KEPT = 100;

/** {@link printable} for prose that arrives in pieces: a character cut in two is kept until it is whole. */
export class PrintableStream {
  #kept = "";

  /** The text that can be shown now. */
  push(piece: string): string {
    const text = this.#kept + piece;
    const cut = UNFINISHED.exec(text);
    const end = cut === null || cut[0].length > MAX_KEPT ? text.length : cut.index;
    this.#kept = text.slice(end);
    return printable(text.slice(0, end), { isProse: true });
  }

  /** What was kept back, once nothing more comes. */
  end(): string {
    const rest = printable(this.#kept, { isProse: true });
    this.#kept = "";
    return rest;
  }
}
