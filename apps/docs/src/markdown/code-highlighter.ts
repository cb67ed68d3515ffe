import { createCssVariablesTheme, createHighlighter } from "shiki";
import { escapeHtml } from "../html.ts";

/** Turns code into HTML whose colours are classes, so that the style sheet decides and no style is inline. */
export interface CodeHighlighter {
  highlight(code: string, language: string): string;
}

const LANGUAGES = [
  "ts",
  "tsx",
  "js",
  "json",
  "jsonc",
  "sh",
  "sql",
  "http",
  "diff",
  "yaml",
  "toml",
  "html",
  "css",
];
const PREFIX = "--code-";

export async function createCodeHighlighter(): Promise<CodeHighlighter> {
  const theme = createCssVariablesTheme({ name: "classes", variablePrefix: PREFIX, fontStyle: false });
  const shiki = await createHighlighter({ langs: LANGUAGES, themes: [theme] });
  const known = new Set(shiki.getLoadedLanguages());
  return {
    highlight(code, language) {
      if (!known.has(language)) return escapeHtml(code);
      const { tokens } = shiki.codeToTokens(code, { lang: language as "ts", theme: "classes" });
      return tokens
        .map((line) => line.map(({ content, color }) => colour(escapeHtml(content), color)).join(""))
        .join("\n");
    },
  };
}

// A colour is `var(--code-token-keyword)`; ordinary text is `var(--code-foreground)` and needs no element.
function colour(html: string, color: string | undefined): string {
  const name = /^var\(--code-token-([a-z-]+)\)$/.exec(color ?? "")?.[1];
  return name === undefined || html.trim() === "" ? html : `<span class="code-${name}">${html}</span>`;
}
