import { escapeHtml } from "../html.ts";
import type { PageRenderer } from "../markdown/page-renderer.ts";
import type { ParsedPage } from "../markdown/parsed-page.ts";
import type { Site, SiteSection } from "../site.ts";
import { renderPageList } from "./page-list.ts";
import { opening, withoutLists, withoutTitle } from "./token-parts.ts";

/** A section's index: what it is for, its own words where its README has some, its pages. */
export function renderIndex(section: SiteSection, renderer: PageRenderer): string {
  const words = renderer.render(section.index, withoutLists(withoutTitle(section.index.tokens)));
  return `<h1>${escapeHtml(section.title)}</h1>
<p class="lead">${escapeHtml(section.purpose)}</p>
${words}${renderPageList(section, section.index)}`;
}

/**
 * The home page: how the repository's README begins, with its picture, and every page by section. Of
 * docs/README.md, which is this list for GitHub, the site takes order and words (site.ts).
 */
export function renderHome(site: Site, renderer: PageRenderer, readme: ParsedPage): string {
  const sections = site.sections.filter((section) => section.pages.length > 0);
  const parts = sections.map(
    (section) => `<section class="home-section">
<h2>${escapeHtml(section.title)}</h2>
<p class="purpose">${escapeHtml(section.purpose)}</p>
${renderPageList(section, site.home)}
</section>`,
  );
  return `<div class="hero">${renderer.render(readme, opening(readme.tokens))}</div>
<div class="home-sections">${parts.join("\n")}</div>`;
}
