import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";

const app = dirname(dirname(fileURLToPath(import.meta.url)));
const built = join(app, "dist");
let page: string;
beforeAll(() => {
  const script = join(dirname(dirname(app)), "scripts", "console.mjs");
  expect(spawnSync(process.execPath, [script], { encoding: "utf8" }).status).toBe(0);
  page = readFileSync(join(built, "index.html"), "utf8");
});

test("what the first load needs of JavaScript is under 200 kB gzipped", () => {
  const files = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, path]) => path ?? "");
  expect(files.length).toBeGreaterThan(0);
  const bytes = files.map((path) => gzipSync(readFileSync(join(built, path)), { level: 9 }).byteLength);
  const total = bytes.reduce((sum, size) => sum + size, 0);
  expect(total).toBeLessThan(200_000);
  // Markdown, forms and the pages beside the inbox come when they are needed.
  expect(files.filter((path) => /markdown|edit-panel|run-page|audit/.test(path))).toEqual([]);
});

test("the page has nothing inline and nothing from elsewhere", () => {
  expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:|https?:/);
});

test("no file of the build evaluates text as code, or makes HTML of it", () => {
  for (const name of readdirSync(join(built, "assets")).filter((file) => file.endsWith(".js"))) {
    const code = readFileSync(join(built, "assets", name), "utf8");
    expect([name, code.match(/\bnew Function\(|\beval\(|document\.write\(|insertAdjacentHTML/g)]).toEqual([
      name,
      null,
    ]);
  }
});
