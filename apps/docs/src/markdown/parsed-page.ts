import MarkdownIt from "markdown-it";
import type { Token } from "markdown-it";
import type { SourcePage } from "../source-page.ts";
import { HeadingIds } from "./heading-ids.ts";

export interface Heading {
  readonly level: number;
  readonly id: string;
  readonly text: string;
}

/** What stands under one heading, as a reader would search for it. */
export interface Passage {
  readonly heading: Heading | undefined;
  readonly text: string;
}

/** A page read, not yet written: what other pages need to link to it and to list it. */
export interface ParsedPage {
  readonly source: SourcePage;
  readonly title: string;
  /** The first sentence that is not about where the page comes from; may be empty. */
  readonly summary: string;
  /** All but the title, in order. */
  readonly headings: readonly Heading[];
  readonly passages: readonly Passage[];
  readonly tokens: readonly Token[];
}

// Pages are the repository's own words, so HTML in them is let through; comments are dropped when written.
const parser = new MarkdownIt({ html: true, linkify: false, typographer: false });

/** Reads a page. `fallbackTitle` names it where it has no heading of the first level. */
export function parsePage(source: SourcePage, fallbackTitle: string): ParsedPage {
  const tokens = parser.parse(source.text, {});
  const ids = new HeadingIds();
  const headings: Heading[] = [];
  const passages: { heading: Heading | undefined; parts: string[] }[] = [{ heading: undefined, parts: [] }];
  let title: string | undefined;
  let summary = "";
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1];
    const text = plainText(token);
    if (token.type === "inline" && before?.type === "heading_open") {
      const heading = { level: Number(before.tag.slice(1)), id: ids.next(text), text };
      before.attrSet("id", heading.id);
      if (heading.level === 1) title ??= text;
      else {
        headings.push(heading);
        passages.push({ heading, parts: [] });
      }
      continue;
    }
    if (text === "") continue;
    passages.at(-1)?.parts.push(text);
    const mayIntroduce = headings.length === 0 && before?.type === "paragraph_open";
    if (mayIntroduce) summary ||= firstSentence(withoutProvenance(text));
  }
  return {
    source,
    title: title ?? fallbackTitle,
    summary,
    headings,
    passages: passages.map(({ heading, parts }) => ({ heading, text: parts.join(" ") })),
    tokens,
  };
}

/** Whether a paragraph only says which script wrote the page. */
export function isProvenance(text: string): boolean {
  return text.startsWith("Generated from ");
}

function withoutProvenance(text: string): string {
  return isProvenance(text) ? text.replace(/^.*?; a test compares\.\s*/, "") : text;
}

/** What a reader sees of a token, without its marks. */
function plainText(token: Token): string {
  if (token.type === "fence") return token.info.startsWith("mermaid") ? "" : token.content.trim();
  if (token.type !== "inline") return "";
  const children = token.children ?? [];
  return children
    .map((child) => (child.type === "softbreak" || child.type === "hardbreak" ? " " : child.content))
    .join("")
    .trim();
}

function firstSentence(text: string): string {
  return /^.*?[.:!?](?=\s|$)/.exec(text)?.[0].replace(/:$/, ".") ?? text;
}
