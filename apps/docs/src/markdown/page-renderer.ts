import MarkdownIt from "markdown-it";
import type { Env, RendererRule, Token } from "markdown-it";
import { escapeHtml } from "../html.ts";
import type { CodeHighlighter } from "./code-highlighter.ts";
import type { LinkTargets } from "./link-targets.ts";
import { isProvenance } from "./parsed-page.ts";
import type { ParsedPage } from "./parsed-page.ts";
import { renderDiagram } from "./state-diagram.ts";

/** What writing the pages has found out besides their HTML. */
export interface Findings {
  /** `file: what is wrong (under "heading")`, one for each broken link, image or diagram. */
  readonly problems: string[];
  /** Images that pages show, from the root of the repository. */
  readonly images: Set<string>;
}

// In characters.
const SHORT_CELL = 24;
const LONG_CELL = 60;

interface PageEnv extends Env {
  page: ParsedPage;
  /** The nearest heading above what is being written. */
  heading: string;
  diagrams: number;
  /** For links that did not become links: the tag that closes each. */
  closings: string[];
}

/** Writes the tokens of pages as HTML that is right for the site: links, code, diagrams, tables, images. */
export class PageRenderer {
  readonly findings: Findings = { problems: [], images: new Set() };
  readonly #markdown = new MarkdownIt({ html: true });
  readonly #highlighter: CodeHighlighter;
  readonly #targets: LinkTargets;

  constructor(highlighter: CodeHighlighter, targets: LinkTargets) {
    this.#highlighter = highlighter;
    this.#targets = targets;
    Object.assign(this.#markdown.renderer.rules, this.#rules());
  }

  /** The HTML of a page, or of some of its tokens. */
  render(page: ParsedPage, tokens: readonly Token[] = page.tokens): string {
    const env: PageEnv = { page, heading: page.title, diagrams: 0, closings: [] };
    return this.#markdown.renderer.render([...tokens], this.#markdown.options, env);
  }

  #rules(): Record<string, RendererRule> {
    return {
      heading_open: at((tokens, index, env) => {
        const token = tokenAt(tokens, index);
        env.heading = plain(tokens[index + 1]);
        return token.tag === "h1" ? "<h1>" : `<${token.tag} id="${escapeHtml(id(token))}">`;
      }),
      heading_close: at((tokens, index, env) => {
        const token = tokenAt(tokens, index);
        const opening = tokenAt(tokens, index - 2);
        if (token.tag === "h1") return "</h1>\n";
        const label = escapeHtml(`Link to: ${env.heading}`);
        return ` <a class="anchor" href="#${escapeHtml(id(opening))}" aria-label="${label}">#</a></${token.tag}>\n`;
      }),
      paragraph_open: at((tokens, index) => {
        if (tokenAt(tokens, index).hidden) return "";
        return isProvenance(plain(tokens[index + 1])) ? '<p class="provenance">' : "<p>";
      }),
      fence: at((tokens, index, env) => this.#fence(tokenAt(tokens, index), env)),
      table_open: at(
        (_tokens, _index, env) =>
          `<div class="scroller table" role="group" aria-label="${escapeHtml(`Table: ${env.heading}`)}"><table>`,
      ),
      table_close: at(() => "</table></div>\n"),
      th_open: at((tokens, index) => `<th scope="col"${cellClass(tokenAt(tokens, index))}>`),
      td_open: at((tokens, index) => `<td${cellClass(tokenAt(tokens, index), plain(tokens[index + 1]))}>`),
      link_open: at((tokens, index, env) => this.#openLink(tokenAt(tokens, index), env)),
      link_close: at((_tokens, _index, env) => env.closings.pop() ?? "</a>"),
      image: at((tokens, index, env) => this.#image(tokenAt(tokens, index), env)),
      html_block: at((tokens, index) => withoutComments(tokenAt(tokens, index).content)),
      html_inline: at((tokens, index) => withoutComments(tokenAt(tokens, index).content)),
    };
  }

  #fence(token: Token, env: PageEnv): string {
    const [language = ""] = token.info.trim().split(/\s+/, 1);
    const heading = env.heading;
    if (language === "mermaid") {
      env.diagrams += 1;
      const label = `Diagram: ${heading}`;
      try {
        const svg = renderDiagram(token.content, `diagram-${env.diagrams}`, label);
        return `<div class="scroller diagram" role="group" aria-label="${escapeHtml(label)}">${svg}</div>\n`;
      } catch (error) {
        this.#report(env, error instanceof Error ? error.message : String(error));
        return "";
      }
    }
    const code = this.#highlighter.highlight(token.content.replace(/\n$/, ""), language);
    const label = escapeHtml(`Code: ${heading}`);
    return `<div class="code"><pre class="scroller" role="group" aria-label="${label}"><code>${code}</code></pre></div>\n`;
  }

  #openLink(token: Token, env: PageEnv): string {
    const target = this.#targets.resolve(env.page, String(token.attrGet("href") ?? ""));
    switch (target.kind) {
      case "page":
        return `<a href="${escapeHtml(target.href)}">`;
      case "external":
        return `<a href="${escapeHtml(target.href)}" rel="noreferrer">`;
      case "repository":
        env.closings.push("</span>");
        return `<span class="repository-path" title="${escapeHtml(`${target.file} in the repository`)}">`;
      default:
        this.#report(env, target.problem);
        return "<a>";
    }
  }

  #image(token: Token, env: PageEnv): string {
    const source = String(token.attrGet("src") ?? "");
    const file = this.#targets.file(env.page, source);
    const target = this.#targets.resolve(env.page, source);
    if (target.kind !== "repository")
      this.#report(env, `no image ${JSON.stringify(source)} in the repository`);
    else this.findings.images.add(file);
    const href = imageUrl(env.page, file);
    return `<img src="${escapeHtml(href)}" alt="${escapeHtml(token.content)}" loading="lazy">`;
  }

  #report(env: PageEnv, problem: string): void {
    this.findings.problems.push(`${env.page.source.file}: ${problem} (under "${env.heading}")`);
  }
}

/** Where an image of the repository stands in the site, from the site's root. */
export function imagePath(file: string): string {
  return `images/${file.replace(/^docs\/images\//, "").replaceAll("/", "-")}`;
}

function imageUrl(page: ParsedPage, file: string): string {
  const depth = page.source.path.split("/").length - 1;
  return `${"../".repeat(depth)}${imagePath(file)}`;
}

function at(rule: (tokens: Token[], index: number, env: PageEnv) => string): RendererRule {
  return (tokens, index, _options, env) => rule(tokens, index, env as PageEnv);
}

function tokenAt(tokens: Token[], index: number): Token {
  const token = tokens[index];
  if (token === undefined) throw new RangeError(`No token ${index}`);
  return token;
}

function plain(token: Token | undefined): string {
  return (token?.children ?? []).map((child) => child.content).join("");
}

function id(token: Token): string {
  return String(token.attrGet("id") ?? "");
}

// How a cell may break is decided by what stands in it: a name stays whole, a sentence gets room.
function cellClass(token: Token, text?: string): string {
  const side = /text-align:(\w+)/.exec(String(token.attrGet("style") ?? ""))?.[1];
  const names = side === undefined ? [] : [`align-${side}`];
  if (text !== undefined && text.length <= SHORT_CELL) names.push("short");
  if (text !== undefined && text.length >= LONG_CELL) names.push("long");
  return names.length === 0 ? "" : ` class="${names.join(" ")}"`;
}

function withoutComments(html: string): string {
  return html.replaceAll(/<!--[\s\S]*?-->\s*/g, "");
}
