// Reads what was built, not what was meant: every address in the HTML leads to a file and a place in it.
import { existsSync, globSync, readFileSync } from "node:fs";
import { join, posix, sep } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SECTIONS } from "../src/sections.ts";
import { buildRepositorySite } from "./built-site.ts";

let site: Awaited<ReturnType<typeof buildRepositorySite>>;
let pages: Map<string, string>;

beforeAll(async () => {
  site = await buildRepositorySite();
  const paths = globSync("**/*.html", { cwd: site.folder }).map((path) => path.split(sep).join("/"));
  pages = new Map(paths.map((path) => [path, readFileSync(join(site.folder, path), "utf8")]));
});
afterAll(() => site?.remove());

test("each quadrant has its index, and each Markdown file its page", () => {
  expect(pages.size).toBe(site.pages);
  for (const { name } of SECTIONS) expect(pages.has(`${name}/index.html`)).toBe(true);
});

test("every link, script, style and image of every page is there", () => {
  const broken: string[] = [];
  let count = 0;
  for (const [path, html] of pages) {
    for (const [, address = ""] of html.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
      if (/^(https?|mailto):/.test(address)) continue;
      count += 1;
      const [file = "", fragment] = address.split("#", 2);
      const target = file === "" ? path : posix.join(posix.dirname(path), decodeURI(file));
      const isThere = existsSync(join(site.folder, target));
      const hasPlace = fragment === undefined || fragment === "" || hasId(pages.get(target), fragment);
      if (!isThere || !hasPlace) broken.push(`${path}: ${address}`);
    }
  }
  expect(broken).toEqual([]);
  expect(count).toBeGreaterThan(500);
});

test("nothing is loaded from elsewhere, and nothing is inline that the policy forbids", () => {
  const loads = /<(?:script|img|iframe|source|video|audio|link)\b[^>]*\s(?:src|href)="(?:https?:)?\/\//;
  const inline = /\sstyle="|<style|\son\w+="|<script>/;
  const all = Array.from(pages, ([path, html]) => ({
    path,
    html: html.replaceAll(/<code>[\s\S]*?<\/code>/g, ""),
  }));
  expect(all.filter(({ html }) => loads.test(html) || inline.test(html)).map(({ path }) => path)).toEqual([]);
});

function hasId(html: string | undefined, id: string): boolean {
  return html?.includes(` id="${decodeURIComponent(id)}"`) === true;
}
