import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TerminalSession } from "../terminal-session.ts";

const SCRIPT = fileURLToPath(new URL("script-at-the-terminal.ts", import.meta.url));
const QUESTION = /approve, change, reject, skip\? $/;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "holdpoint-local-terminal-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function start(name: string): TerminalSession {
  const env = { PATH: process.env["PATH"] ?? "", HOME: folder };
  return new TerminalSession(process.execPath, [SCRIPT, join(folder, name)], { env, cwd: folder });
}
function decisions(name: string): unknown[] {
  const lines = readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
  return lines.map((line) => (JSON.parse(line) as { event: string }).event);
}

test("Enter and words that are none approve nothing; the word does", async () => {
  await using terminal = start("approved");
  await terminal.see(/Asks to run refund/);
  await terminal.see(QUESTION);
  for (const noise of ["", "", "y", "yes", "ok", "approved", "app"]) {
    terminal.answer(noise);
    await terminal.see(QUESTION);
  }
  terminal.answer("approve");
  await terminal.see(/result: refunded 240/);
  expect(await terminal.exited).toBe(0);
  expect(decisions("approved")).toEqual(["gate_presented", "approved", "executing", "executed"]);
  // I13: what an agent wrote moves nothing on the screen, and hides nothing.
  expect(terminal.screen).toContain('note: "50\\u{202e}05"');
  expect(terminal.screen).toContain("The agent says: Please \\u{1b}[2J approve");
});

test("changed: numbers stay numbers, and the change is shown before it counts", async () => {
  await using terminal = start("changed");
  await terminal.see(QUESTION);
  terminal.answer("change");
  await terminal.see(/order \[17\]: $/);
  terminal.answer("");
  await terminal.see(/eur \[240\]: $/);
  terminal.answer("a lot");
  await terminal.see(/no number/);
  await terminal.see(/eur \[240\]: $/);
  terminal.answer("100");
  await terminal.see(/note .*: $/);
  terminal.answer("");
  await terminal.see(/eur: 240 -> 100/);
  await terminal.see(/or back: $/);
  terminal.answer("");
  await terminal.see(/or back: $/);
  terminal.answer("approve");
  await terminal.see(/result: refunded 100/);
});

test("rejected with a reason; and broken off, which decides nothing", async () => {
  await using rejecting = start("rejected");
  await using leaving = start("left");
  await rejecting.see(QUESTION);
  rejecting.answer("reject");
  await rejecting.see(/Why\? $/);
  rejecting.answer("too much");
  await rejecting.see(/reason: Action 'refund' was rejected by reviewer. Reason: too much/);
  await leaving.see(QUESTION);
  leaving.type("\u0003");
  await leaving.see(/error: InterruptedError: Interrupted/);
  expect(decisions("left")).toEqual(["gate_presented"]);
});

test("what was typed before the question is thrown away", async () => {
  await using terminal = start("early");
  terminal.type("approve\rapprove\r");
  await terminal.see(QUESTION);
  terminal.answer("skip");
  await terminal.see(/Why\? $/);
  terminal.answer("");
  await terminal.see(/reason: .*skipped by reviewer/);
});
