import { globSync, readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";

/** The root of the repository, absolute. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** One import, export-from or dynamic import, types included. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
}

/** A source file of the repository, as the checks of the repository see it. */
export interface SourceFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly imports: readonly Import[];
  /** The source with its comments blanked; positions are kept. */
  readonly code: string;
}

/** The TypeScript and JavaScript files that match, sorted by path, without node_modules and built files. */
export function listSourceFiles(pattern: string): SourceFile[] {
  const excluded = ["**/node_modules/**", "**/dist/**", "**/.tmp/**"];
  return globSync(pattern, { cwd: root, exclude: excluded })
    .map((path) => path.split(sep).join("/"))
    .sort()
    .map((path) => parseSourceFile(path, readFileSync(join(root, path), "utf8")));
}

/** Reads the imports of a source. A file that does not parse throws. */
export function parseSourceFile(path: string, text: string): SourceFile {
  const parsed = parseSync(path, text);
  const [error] = parsed.errors;
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  const { staticImports, staticExports, dynamicImports } = parsed.module;
  const found = [
    ...staticImports.map((entry) => entry.moduleRequest),
    ...staticExports.flatMap((entry) => entry.entries.map((item) => item.moduleRequest)),
    ...dynamicImports.map(({ moduleRequest }) => literal(text, moduleRequest)),
  ].filter((request) => request !== null && request !== undefined);
  const imports = found.map(({ value, start }) => ({ specifier: value, line: lineOf(text, start) }));
  const code = parsed.comments.reduce((rest, { start, end }) => blank(rest, start, end), text);
  return { path, imports: distinct(imports), code };
}

/** The line, from 1, of a position in a text. */
export function lineOf(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

// Of a dynamic import the parser gives the span of the argument; one that is computed cannot be checked.
function literal(text: string, { start, end }: { start: number; end: number }) {
  const quoted = /^(["'`])([^"'`$]*)\1$/.exec(text.slice(start, end));
  return quoted?.[2] === undefined ? undefined : { value: quoted[2], start };
}

function blank(text: string, start: number, end: number): string {
  return text.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, " ") + text.slice(end);
}

function distinct(imports: Import[]): Import[] {
  return [...new Map(imports.map((entry) => [`${entry.line} ${entry.specifier}`, entry])).values()];
}
