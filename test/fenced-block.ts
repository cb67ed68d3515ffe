/** A fenced code block of a Markdown page. */
export interface FencedBlock {
  /** First word of the info string, "" when there is none. */
  readonly language: string;
  /** The words after it, as written: `run`, `no-check`, `reason="…"`. */
  readonly tags: readonly string[];
  readonly code: string;
  /** The line, from 1, of the first line of code. */
  readonly line: number;
}

/** The fenced blocks of a page in order, fences inside lists and quotations included. An open fence throws. */
export function parseFencedBlocks(markdown: string): FencedBlock[] {
  const blocks: FencedBlock[] = [];
  const lines = markdown.split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const opening = /^([\s>]*)(`{3,}|~{3,})\s*([^`]*)$/.exec(lines[index] ?? "");
    if (opening === null) continue;
    const [, indent = "", fence = "", info = ""] = opening;
    const first = index + 1;
    const length = lines.slice(first).findIndex((line) => isClosing(line, fence));
    if (length === -1) throw new Error(`line ${first}: the code block is never closed`);
    const [language = "", ...tags] = info.trim().match(/[^\s="]+="[^"]*"|\S+/g) ?? [];
    const code = lines.slice(first, first + length).map((line) => unindent(line, indent.length));
    blocks.push({ language, tags, code: code.join("\n"), line: first + 1 });
    index = first + length;
  }
  return blocks;
}

function isClosing(line: string, fence: string): boolean {
  const bare = line.replace(/^[\s>]*/, "").trimEnd();
  return bare.length >= fence.length && bare === (fence[0] ?? "").repeat(bare.length);
}

function unindent(line: string, width: number): string {
  return /^[\s>]*$/.test(line.slice(0, width)) ? line.slice(width) : line.trimStart();
}
