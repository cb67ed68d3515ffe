import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";

const app = dirname(dirname(fileURLToPath(import.meta.url)));
const built = join(app, "dist");
let page: string;
let questions: string;
beforeAll(() => {
  const script = join(dirname(dirname(app)), "scripts", "console.mjs");
  expect(spawnSync(process.execPath, [script], { encoding: "utf8" }).status).toBe(0);
  page = readFileSync(join(built, "index.html"), "utf8");
  questions = readFileSync(join(built, "questions.html"), "utf8");
});

/** The scripts that a page names, and what they weigh together, gzipped. */
function scriptsOf(document: string): { files: string[]; bytes: number } {
  const files = [...document.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, path]) => path ?? "");
  const sizes = files.map((path) => gzipSync(readFileSync(join(built, path)), { level: 9 }).byteLength);
  return { files, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

test("what the first load needs of JavaScript is under 200 kB gzipped", () => {
  const { files, bytes } = scriptsOf(page);
  expect(files.length).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(200_000);
  // Markdown, forms and the pages beside the inbox come when they are needed.
  expect(files.filter((path) => /markdown|edit-panel|run-page|audit/.test(path))).toEqual([]);
});

test("the end users' page is under 120 kB, and carries nothing of the console", () => {
  const { files, bytes } = scriptsOf(questions);
  expect(files.length).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(120_000);
  expect(files.filter((path) => /markdown|index-|button|router/.test(path))).toEqual([]);
});

test.each(["console", "questions"])("the page has nothing inline and nothing from elsewhere: %s", (name) => {
  expect(name === "console" ? page : questions).not.toMatch(
    /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:|https?:/,
  );
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
