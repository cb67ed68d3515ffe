import { escapeHtml, relativeUrl } from "../html.ts";
import type { ParsedPage } from "../markdown/parsed-page.ts";
import type { SiteSection } from "../site.ts";

/** The pages of a section with what each is about, as seen from `from`. */
export function renderPageList(section: SiteSection, from: ParsedPage): string {
  if (section.pages.length === 0) return "<p>No page yet.</p>";
  const items = section.pages.map((page) => {
    const href = escapeHtml(relativeUrl(from.source.path, page.source.path));
    const summary = page.summary === "" ? "" : `<p>${escapeHtml(page.summary)}</p>`;
    return `<li><a href="${href}">${escapeHtml(page.title)}</a>${summary}</li>`;
  });
  return `<ul class="page-list">${items.join("")}</ul>`;
}
