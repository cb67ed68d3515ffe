/** Controls, format characters, surrogates, private use, unassigned; separators; whatever is drawn as nothing. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
const OTHER_SPACE = /[\p{Zs}]/gu;

/** One line in which every character is seen, and none is obeyed by the terminal (I13). */
export function printable(text: string): string {
  return text
    .replaceAll(UNSEEN, escapeCharacter)
    .replaceAll(OTHER_SPACE, (space) => (space === " " ? space : escapeCharacter(space)));
}

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
