import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildSite } from "../src/build-site.ts";

let root: string;
const highlighter = { highlight: (code: string) => code };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "holdpoint-docs-source-"));
  write("README.md", "# Holdpoint\n\nWords.\n");
  write("CONTRIBUTING.md", "# Contributing\n");
  write("SECURITY.md", "# Security\n");
  write("docs/README.md", "# Documentation\n\n- [how-to](how-to)\n");
  write("docs/how-to/decide.md", "# Decide\n\n## By `curl`, or not\n");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const build = () => buildSite({ root, out: join(root, "dist"), highlighter });

test("links that are right on GitHub are right in the site", async () => {
  write(
    "docs/reference/config.md",
    "# Config\n\n[a](../how-to/decide.md#by-curl-or-not) [b](../how-to) [c](../../SECURITY.md) [d](../../README.md) [e](#config-of-all)\n\n## Config of all\n",
  );
  await build();
  const html = readFileSync(join(root, "dist/reference/config.html"), "utf8");
  expect(html).toContain('<a href="../how-to/decide.html#by-curl-or-not">a</a>');
  expect(html).toContain('<a href="../how-to/index.html">b</a>');
  expect(html).toContain('<a href="../project/security.html">c</a>');
  expect(html).toContain('<span class="repository-path" title="README.md in the repository">d</span>');
  expect(html).toContain('<a href="#config-of-all">e</a>');
});

test("the home page lists in the order and with the words of docs/README.md", async () => {
  write("docs/how-to/accept.md", "# Accept\n\nAs the page begins. And goes on.\n");
  write("docs/README.md", "# Documentation\n\n- [Decide](how-to/decide.md): by `curl` or by hand\n");
  await build();
  const html = readFileSync(join(root, "dist/index.html"), "utf8");
  expect(html).toMatch(/>Decide<\/a><p>By curl or by hand\.<\/p>.*>Accept<\/a><p>As the page begins\.<\/p>/s);
});

test("every broken link, image and diagram is named, and the site that stood stays", async () => {
  await build();
  const before = readFileSync(join(root, "dist/how-to/decide.html"), "utf8");
  write(
    "docs/how-to/decide.md",
    "# Decide\n\n## First\n\n[a](gone.md) [b](#gone) ![c](../images/gone.png)\n\n```mermaid\nnothing known\n```\n",
  );
  await expect(build()).rejects.toThrow(
    [
      "The documentation is not right:",
      'docs/how-to/decide.md: no file or page "gone.md" (under "First")',
      'docs/how-to/decide.md: no heading #gone in docs/how-to/decide.md (under "First")',
      'docs/how-to/decide.md: no image "../images/gone.png" in the repository (under "First")',
      "docs/how-to/decide.md: ",
    ].join("\n"),
  );
  expect(readFileSync(join(root, "dist/how-to/decide.html"), "utf8")).toBe(before);
});

test("a folder that is no section is refused", async () => {
  write("docs/guides/x.md", "# X\n");
  await expect(build()).rejects.toThrow("docs/guides is no section");
  expect(existsSync(join(root, "dist"))).toBe(false);
});
