import { formatPath } from "@holdpoint/protocol";

/**
 * On which line (from 1) each value of a JSON text begins, by its path as findings name it. For text that `JSON.parse`
 * takes; of any other, the places before what is wrong with it.
 */
export function linesOfPaths(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  const open: Container[] = [];
  let line = 1;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === "\n") line++;
    if (/\s/.test(character) || character === ":") continue;
    const inside = open.at(-1);
    if (character === "," && inside !== undefined) {
      if (inside.kind === "array") inside.index++;
      else inside.isNameNext = true;
      continue;
    }
    if (character === "}" || character === "]") {
      open.pop();
      continue;
    }
    const end = character === '"' ? endOfString(text, at) : endOfScalar(text, at);
    if (inside?.kind === "object" && inside.isNameNext) {
      inside.name = readName(text.slice(at, end));
      inside.isNameNext = false;
      lines.set(pathOf(open), line);
      at = end - 1;
      continue;
    }
    if (inside?.kind !== "object") lines.set(pathOf(open), line);
    if (character === "{") open.push({ kind: "object", name: "", isNameNext: true });
    else if (character === "[") open.push({ kind: "array", index: 0 });
    else at = end - 1;
  }
  return lines;
}

/** The line of the place, or of the nearest place around it that is there. */
export function lineOf(lines: ReadonlyMap<string, number>, path: string): number | undefined {
  for (let shorter = path; shorter !== ""; shorter = parentOf(shorter)) {
    const line = lines.get(shorter);
    if (line !== undefined) return line;
  }
  return lines.get("");
}

type Container = { kind: "object"; name: string; isNameNext: boolean } | { kind: "array"; index: number };

function pathOf(open: readonly Container[]): string {
  return formatPath(open.map((entry) => (entry.kind === "object" ? entry.name : entry.index)));
}

/** The last member or index of a path as `formatPath` writes it. */
const LAST_SEGMENT = /(\.[^.[\]"]+|\[\d+\]|\["(?:[^"\\]|\\.)*"\]|^[^.[]+)$/;

function parentOf(path: string): string {
  const parent = path.replace(LAST_SEGMENT, "");
  return parent === path ? "" : parent;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function endOfScalar(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && !/[\s,:\]}]/.test(text[at] ?? "")) at++;
  return at;
}

function readName(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted;
  }
}
