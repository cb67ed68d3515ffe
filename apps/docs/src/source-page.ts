import { existsSync, globSync, readFileSync } from "node:fs";
import { join, posix, sep } from "node:path";
import { SECTIONS } from "./sections.ts";

/** A Markdown file that becomes a page. */
export interface SourcePage {
  /** From the root of the repository, with forward slashes. */
  readonly file: string;
  /** From the root of the site, with forward slashes. */
  readonly path: string;
  /** The name of its section; undefined for the home page. Pages of docs/ itself are about the project. */
  readonly section: string | undefined;
  readonly isIndex: boolean;
  readonly text: string;
}

// The pages outside docs/ that its pages may send a reader to.
const PROJECT_FILES = ["CONTRIBUTING.md", "SECURITY.md"];

/**
 * Every page that the repository at `root` has words for, sorted by file. A section whose README is absent
 * gets an empty index. Throws where a folder of docs/ belongs to no section.
 */
export function readSourcePages(root: string): SourcePage[] {
  const files = globSync("docs/**/*.md", { cwd: root }).map((file) => file.split(sep).join("/"));
  const pages = [...files, ...PROJECT_FILES].sort().map((file) => readPage(root, file));
  const indexes = SECTIONS.map((section) => emptyIndex(section.name)).filter(
    (index) => !pages.some((page) => page.path === index.path),
  );
  return [...pages, ...indexes];
}

function readPage(root: string, file: string): SourcePage {
  const text = readFileSync(join(root, file), "utf8");
  if (!file.startsWith("docs/")) {
    const path = `project/${file.toLowerCase().replace(/\.md$/, ".html")}`;
    return { file, path, section: "project", isIndex: false, text };
  }
  const inside = file.slice("docs/".length);
  const isIndex = posix.basename(inside) === "README.md";
  const path = inside.replace(/(^|\/)README\.md$/, "$1index.md").replace(/\.md$/, ".html");
  const folder = inside.includes("/")
    ? inside.slice(0, inside.indexOf("/"))
    : isIndex
      ? undefined
      : "project";
  if (folder !== undefined && !SECTIONS.some((section) => section.name === folder)) {
    throw new Error(
      `${file}: docs/${folder} is no section of the documentation; see apps/docs/src/sections.ts`,
    );
  }
  return { file, path, section: folder, isIndex, text };
}

function emptyIndex(name: string): SourcePage {
  return {
    file: `docs/${name}/README.md`,
    path: `${name}/index.html`,
    section: name,
    isIndex: true,
    text: "",
  };
}

/** Whether the repository has this file or folder, which is not a page. */
export function isInRepository(root: string, file: string): boolean {
  return !file.startsWith("..") && existsSync(join(root, file));
}
