import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { root } from "./source-file.ts";

const folder = mkdtempSync(join(tmpdir(), "holdpoint-tally-"));
afterAll(() => rmSync(folder, { recursive: true }));

const report = (passed: number, failed: number, files: object[] = []) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: files,
});
const checks = [{ passed: true }, { passed: true }];
const unloadable = [{ status: "failed", assertionResults: [] }];

test.each([
  ["all well", report(5, 0), 0, checks, 0, "7 passed, 0 failed", 0],
  ["a test failed", report(4, 1), 1, checks, 0, "6 passed, 1 failed", 1],
  ["a check failed", report(5, 0), 0, [{ passed: false }, { passed: true }], 1, "6 passed, 1 failed", 1],
  ["a file does not load", report(5, 0, unloadable), 1, checks, 0, "7 passed, 1 failed", 1],
  ["an unhandled rejection", report(5, 0), 1, checks, 0, "7 passed, 1 failed", 1],
  ["nothing could be installed", undefined, 1, undefined, 1, "0 passed, 2 failed", 1],
])("%s", (_, tests, testsStatus, checkResults, checksStatus, line, status) => {
  const files = [write("tests.json", tests), write("checks.json", checkResults)] as const;
  const args = [files[0], String(testsStatus), files[1], String(checksStatus)];
  const tally = spawnSync(process.execPath, [join(root, "scripts", "tally.mjs"), ...args], {
    encoding: "utf8",
  });
  expect(tally.stdout.trimEnd().split("\n").at(-1)).toBe(line);
  expect(tally.status).toBe(status);
});

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  rmSync(path, { force: true });
  if (content !== undefined) writeFileSync(path, JSON.stringify(content));
  return path;
}
