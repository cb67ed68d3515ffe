import { escapeHtml, relativeUrl } from "../html.ts";
import type { Heading, ParsedPage } from "../markdown/parsed-page.ts";
import { readingOrder } from "../site.ts";
import type { Site } from "../site.ts";
import { MARK } from "./mark.ts";

// No inline script or style, and nothing from elsewhere: the browser itself holds the site to it.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** A whole HTML document around the words of a page. `scripts` are from the root of the site. */
export function layOut(site: Site, page: ParsedPage, content: string, scripts: readonly string[]): string {
  const to = (path: string) => escapeHtml(relativeUrl(page.source.path, path));
  const isHome = page.source.path === site.home.source.path;
  const title = isHome ? "Holdpoint documentation" : `${page.title} · Holdpoint`;
  const outline = isHome ? "" : renderOutline(page.headings);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<meta name="description" content="${escapeHtml(page.summary)}">
<link rel="icon" href="${to("mark.svg")}" type="image/svg+xml">
<link rel="stylesheet" href="${to("site.css")}">
<script src="${to("theme.js")}"></script>
${scripts.map((script) => `<script src="${to(script)}" defer></script>`).join("\n")}
</head>
<body${isHome ? ' class="home"' : ""} data-root="${to("index.html").replace(/index\.html$/, "")}">
<a class="skip" href="#content">Skip to the content</a>
<header class="top">
<a class="brand" href="${to("index.html")}">${MARK}<span>Holdpoint</span> <span class="brand-part">documentation</span></a>
<div class="tools">
<button type="button" class="search-open" data-search hidden aria-keyshortcuts="/ Control+K"><span>Search</span> <kbd>/</kbd></button>
<button type="button" class="quiet" data-theme-switch hidden>Dark</button>
<button type="button" class="quiet menu-open" data-menu hidden aria-expanded="false" aria-controls="menu">Menu</button>
</div>
</header>
<div class="columns">
<nav id="menu" class="menu" aria-label="Documentation">${renderMenu(site, page)}</nav>
<main id="content" tabindex="-1">
${content}
${renderNeighbours(site, page)}</main>
${outline}
</div>
</body>
</html>
`;
}

function renderMenu(site: Site, current: ParsedPage): string {
  const link = (page: ParsedPage, text: string) => {
    const here = page === current ? ' aria-current="page"' : "";
    const href = escapeHtml(relativeUrl(current.source.path, page.source.path));
    return `<a href="${href}"${here}>${escapeHtml(text)}</a>`;
  };
  return site.sections
    .filter((section) => section.pages.length > 0)
    .map((section) => {
      const pages = section.pages.map((page) => `<li>${link(page, page.title)}</li>`).join("");
      return `<p class="menu-section">${link(section.index, section.title)}</p><ul>${pages}</ul>`;
    })
    .join("\n");
}

function renderOutline(headings: readonly Heading[]): string {
  const shown = headings.filter((heading) => heading.level <= 3);
  if (shown.length < 2) return '<div class="outline"></div>';
  const items = shown.map(
    ({ level, id, text }) =>
      `<li class="outline-${level}"><a href="#${escapeHtml(id)}">${breakable(text)}</a></li>`,
  );
  return `<nav class="outline" aria-label="On this page"><p>On this page</p><ul>${items.join("")}</ul></nav>`;
}

// A path may break after a slash, not within a word.
function breakable(text: string): string {
  return escapeHtml(text).replaceAll("/", "/<wbr>");
}

function renderNeighbours(site: Site, page: ParsedPage): string {
  const pages = readingOrder(site);
  const index = pages.indexOf(page);
  if (index === -1) return "";
  const link = (other: ParsedPage | undefined, words: string, rel: string) =>
    other === undefined
      ? ""
      : `<a rel="${rel}" href="${escapeHtml(relativeUrl(page.source.path, other.source.path))}"><span>${words}</span> ${escapeHtml(other.title)}</a>`;
  const links = link(pages[index - 1], "Previous", "prev") + link(pages[index + 1], "Next", "next");
  return `<nav class="neighbours" aria-label="Previous and next page">${links}</nav>\n`;
}
