/** A piece of a text, which is what was looked for or what stands around it. */
export interface ExcerptPart {
  readonly text: string;
  readonly isMatch: boolean;
}

const LENGTH = 160;

/** About 160 characters of a text around the first place where a word of the query stands. */
export function excerptOf(text: string, query: string): ExcerptPart[] {
  const words = query.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  const pattern = words.map((word) => word.replaceAll(/[^\p{L}\p{N}]/gu, "")).join("|");
  const match = pattern === "" ? null : new RegExp(pattern, "iu").exec(text);
  const start = wordStart(text, (match?.index ?? 0) - 50);
  const cut = text.slice(start, start + LENGTH);
  const pieces = pattern === "" ? [cut] : cut.split(new RegExp(`(${pattern})`, "iu"));
  const parts = pieces.map((piece, index) => ({ text: piece, isMatch: index % 2 === 1 }));
  return [
    { text: start > 0 ? "… " : "", isMatch: false },
    ...parts,
    { text: start + LENGTH < text.length ? " …" : "", isMatch: false },
  ].filter((part) => part.text !== "");
}

function wordStart(text: string, position: number): number {
  return position <= 0 ? 0 : text.lastIndexOf(" ", position) + 1;
}
