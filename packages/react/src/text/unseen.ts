/*
 * A screen can be lied to: bidirectional overrides turn "50" into "05", invisible characters hide words. Whatever an
 * agent, a tool or another person wrote goes through here before it is shown (I13). The same rules as the command
 * line's `printable`, split into pieces so that the page can mark what it made visible.
 */

/** Controls, format characters, separators, surrogates, private use, and whatever is drawn as nothing. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** Spaces that look like the space and are another character. */
const OTHER_SPACE = /(?! )\p{Zs}/gu;

export interface TextPiece {
  text: string;
  /** True for an escape that stands for a character nobody would have seen. */
  isEscape: boolean;
}

export interface UnseenOptions {
  /** Keep line ends, tabs, other spaces and the joiners inside one emoji. Default false: a fact, shown exactly. */
  isProse?: boolean;
}

/** `text` in pieces, with every character that could not be seen written as `\u{…}`. */
export function splitUnseen(text: string, options: UnseenOptions = {}): TextPiece[] {
  const whole = options.isProse === true ? text.replaceAll("\r\n", "\n") : text;
  const pieces: TextPiece[] = [];
  let end = 0;
  for (const { index, 0: character } of findUnseen(whole, options.isProse === true)) {
    if (index > end) pieces.push({ text: whole.slice(end, index), isEscape: false });
    pieces.push({ text: escapeCharacter(character), isEscape: true });
    end = index + character.length;
  }
  if (end < whole.length || pieces.length === 0) pieces.push({ text: whole.slice(end), isEscape: false });
  return pieces;
}

/** The same as one text: for titles, labels of buttons and Markdown. */
export function visible(text: string, options: UnseenOptions = {}): string {
  return splitUnseen(text, options)
    .map((piece) => piece.text)
    .join("");
}

function findUnseen(text: string, isProse: boolean): RegExpExecArray[] {
  if (isProse) {
    return [...text.matchAll(UNSEEN)].filter(
      ({ 0: character, index }) =>
        character !== "\n" && character !== "\t" && !isInsideEmoji(character, index, text),
    );
  }
  const found = [...text.matchAll(UNSEEN), ...text.matchAll(OTHER_SPACE)];
  return found.sort((left, right) => left.index - right.index);
}

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** The variation selector right after a pictograph, the joiner between two: part of what is seen. */
function isInsideEmoji(character: string, index: number, text: string): boolean {
  const before = /\p{Extended_Pictographic}\u{fe0f}?\p{Emoji_Modifier}?$/u.exec(
    text.slice(Math.max(0, index - 6), index),
  );
  if (before === null) return false;
  if (character === "\u{fe0f}") return !before[0].includes("\u{fe0f}");
  return character === "\u{200d}" && /^\p{Extended_Pictographic}/u.test(text.slice(index + 1, index + 3));
}
