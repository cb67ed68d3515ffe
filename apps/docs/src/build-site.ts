import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { renderHome, renderIndex } from "./layout/index-page.ts";
import { ICON } from "./layout/mark.ts";
import { layOut } from "./layout/page-layout.ts";
import type { CodeHighlighter } from "./markdown/code-highlighter.ts";
import { LinkTargets } from "./markdown/link-targets.ts";
import { imagePath, PageRenderer } from "./markdown/page-renderer.ts";
import { parsePage } from "./markdown/parsed-page.ts";
import type { ParsedPage } from "./markdown/parsed-page.ts";
import { bundleBrowserScript } from "./browser-script.ts";
import { passageRecords } from "./search/passage-record.ts";
import { SECTIONS } from "./sections.ts";
import { arrangeSite, listedSummaries, readingOrder } from "./site.ts";
import { readSourcePages } from "./source-page.ts";

/** What a build needs and made. */
export interface BuildOptions {
  /** The root of the repository, absolute. */
  readonly root: string;
  /** The folder that becomes the site, absolute; what was in it is gone afterwards. */
  readonly out: string;
  readonly highlighter: CodeHighlighter;
  /** Further scripts of every page, each as its content by its path in the site. */
  readonly scripts?: Readonly<Record<string, string>>;
}

/**
 * Builds the whole site. Throws, with every finding in the message, when a link or an image leads nowhere
 * or a diagram cannot be drawn;
 * `out` is then as it was. Returns the number of pages.
 */
export async function buildSite({ root, out, highlighter, scripts = {} }: BuildOptions): Promise<number> {
  const titles = new Map(SECTIONS.map((section) => [section.name, section.title]));
  const sources = readSourcePages(root);
  const summaries = listedSummaries(sources.find((source) => source.path === "index.html")?.text ?? "");
  const pages = sources.map((source) => {
    const page = parsePage(source, titles.get(source.section ?? "") ?? source.path);
    return { ...page, summary: summaries.get(source.file) ?? page.summary };
  });
  const site = arrangeSite(pages);
  const renderer = new PageRenderer(highlighter, new LinkTargets(root, pages));
  const files = new Map<string, string>([
    ["mark.svg", ICON],
    ["site.css", readStyles()],
    ["theme.js", await bundleBrowserScript("theme.ts")],
    ["site.js", await bundleBrowserScript("main.ts")],
    ["search-passages.js", searchScript(pages, titles)],
    ...Object.entries(scripts),
  ]);
  const write = (page: ParsedPage, content: string) =>
    files.set(page.source.path, layOut(site, page, content, ["site.js", ...Object.keys(scripts)]));
  const readme = { file: "README.md", path: "index.html", section: undefined, isIndex: true };
  const introduction = parsePage(
    { ...readme, text: readFileSync(join(root, "README.md"), "utf8") },
    "Holdpoint",
  );
  write({ ...site.home, summary: introduction.summary }, renderHome(site, renderer, introduction));
  for (const section of site.sections) write(section.index, renderIndex(section, renderer));
  for (const page of readingOrder(site)) write(page, renderer.render(page));

  // Not shown, but a broken link in it is one on GitHub.
  renderer.render(site.home);
  const { problems, images } = renderer.findings;
  if (problems.length > 0) throw new Error(`The documentation is not right:\n${problems.join("\n")}`);
  rmSync(out, { recursive: true, force: true });
  for (const [path, text] of files) {
    mkdirSync(dirname(join(out, path)), { recursive: true });
    writeFileSync(join(out, path), text);
  }
  for (const image of images) cpSync(join(root, image), join(out, imagePath(image)));
  return pages.length;
}

const STYLES = ["ground", "frame", "prose", "code", "home", "search"];

function readStyles(): string {
  const read = (name: string) => readFileSync(new URL(`styles/${name}.css`, import.meta.url), "utf8");
  return STYLES.map((name) => read(name)).join("\n");
}

// A script and not a JSON file: it is found from the disk too, where a page may not fetch.
function searchScript(pages: readonly ParsedPage[], titles: ReadonlyMap<string, string>): string {
  const records = pages
    .filter((page) => !page.source.isIndex)
    .flatMap((page) => passageRecords(page, titles.get(page.source.section ?? "") ?? ""));
  return `globalThis.holdpointPassages = ${JSON.stringify(records)};\n`;
}
