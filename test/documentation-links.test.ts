// What the documentation points to must be there: pages, headings, and files of the repository that it names.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";
import { expect, test } from "vitest";
import { root } from "./source-file.ts";

const pages = globSync(["*.md", "docs/**/*.md", "packages/*/README.md", "examples/*/README.md"], {
  cwd: root,
  exclude: ["**/CHANGELOG.md", "**/node_modules/**"],
}).map((path) => path.split(sep).join("/"));

test("every relative link leads to a file, and to a heading in it", () => {
  expect(pages.flatMap(brokenLinks)).toEqual([]);
});

test("every test that is named is there", () => {
  const named = pages.flatMap((page) =>
    Array.from(readProse(page).matchAll(/`([\w./-]+\.test\.ts)`/g), ([, path]) => ({
      page,
      path: path ?? "",
    })),
  );
  expect(named.filter(({ path }) => !existsSync(join(root, path)))).toEqual([]);
});

test("docs/requirements.md says something of each requirement, once", () => {
  const rows = readProse("docs/requirements.md").matchAll(/^\| (R[\dR, to]+?) *\|/gm);
  const numbers = Array.from(rows, ([, cell]) => cell ?? "").flatMap(numbersOf);
  expect(numbers.toSorted((left, right) => left - right)).toEqual(
    Array.from({ length: 274 }, (_, index) => index + 1),
  );
});

/** `R46, R52 to R54`. */
function numbersOf(cell: string): number[] {
  return cell.split(", ").flatMap((part) => {
    const [first = 0, last = first] = Array.from(part.matchAll(/\d+/g), ([digits]) => Number(digits));
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

function brokenLinks(page: string): string[] {
  return Array.from(readProse(page).matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target ?? "")
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => !leadsSomewhere(page, target))
    .map((target) => `${page}: ${target}`);
}

function leadsSomewhere(page: string, target: string): boolean {
  const [path = "", heading] = target.split("#");
  const file = path === "" ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(root, file))) return false;
  if (heading === undefined || !file.endsWith(".md")) return true;
  const headings = Array.from(readProse(file).matchAll(/^#+ (.*)$/gm), ([, text]) => anchorOf(text ?? ""));
  return headings.includes(heading);
}

/** As GitHub makes it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}

/** Without its code blocks, whose lines only look like headings and links. */
function readProse(page: string): string {
  return readFileSync(join(root, page), "utf8").replaceAll(/^(`{3,})[\s\S]*?^\1$/gm, "");
}
