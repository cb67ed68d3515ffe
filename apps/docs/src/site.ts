import { SECTIONS } from "./sections.ts";
import type { Section } from "./sections.ts";
import type { ParsedPage } from "./markdown/parsed-page.ts";

/** A section with its pages in reading order. */
export interface SiteSection extends Section {
  readonly index: ParsedPage;
  readonly pages: readonly ParsedPage[];
}

/** All pages in their places. */
export interface Site {
  readonly home: ParsedPage;
  /** The sections that have pages, and those that have none, which nothing lists. */
  readonly sections: readonly SiteSection[];
}

/**
 * Puts the pages in order. Within a section: first in the order in which docs/README.md and the section's own
 * README link to them, then by title.
 */
export function arrangeSite(pages: readonly ParsedPage[]): Site {
  const home = pages.find((page) => page.source.path === "index.html");
  if (home === undefined) throw new Error("docs/README.md is missing: it is the home page");
  const sections = SECTIONS.map((section) => {
    const own = pages.filter((page) => page.source.section === section.name);
    const index = own.find((page) => page.source.path === `${section.name}/index.html`);
    if (index === undefined) throw new Error(`The section ${section.name} has no index`);
    const listed = `${home.source.text}\n${index.source.text}`;
    const rank = (page: ParsedPage) => {
      const name = page.source.file.split("/").at(-1) ?? "";
      const position = listed.indexOf(`${name})`);
      return position === -1 ? Number.POSITIVE_INFINITY : position;
    };
    const rest = own
      .filter((page) => page !== index)
      .map((page) => ({ page, rank: rank(page) }))
      .sort((a, b) => (a.rank === b.rank ? a.page.title.localeCompare(b.page.title, "en") : a.rank - b.rank));
    return { ...section, index, pages: rest.map(({ page }) => page) };
  });
  return { home, sections };
}

/** What docs/README.md says about a page behind its link, by the page's file. */
export function listedSummaries(readme: string): Map<string, string> {
  const listed = readme.matchAll(/\]\(([^)\s#]+\.md)\): +([^\n]+)/g);
  return new Map(Array.from(listed, ([, path = "", words = ""]) => [`docs/${path}`, sentence(words)]));
}

function sentence(words: string): string {
  const text = words.replaceAll("`", "").trim();
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}

/** Every page but the indexes, as one would read them through. */
export function readingOrder(site: Site): ParsedPage[] {
  return site.sections.flatMap((section) => section.pages);
}
