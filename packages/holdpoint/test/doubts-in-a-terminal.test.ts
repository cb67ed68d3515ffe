import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Folder, PROGRAM } from "./server-process.ts";
import { TerminalSession } from "./terminal-session.ts";

const VERDICT = /accept, edit, reject, send back, leave\? $/;

let folder: Folder;
let service: TerminalSession;

function terminal(...argv: string[]): TerminalSession {
  const HOLDPOINT_CONFIG = join(import.meta.dirname, "fixture/unsure.config.ts");
  const { NO_COLOR: _, ...env } = folder.environment({ HOLDPOINT_CONFIG, TERM: "xterm-256color" });
  return new TerminalSession(process.execPath, [PROGRAM, ...argv], { env, cwd: folder.path });
}

beforeAll(async () => {
  folder = new Folder();
  service = terminal("start");
  await service.see(/Ctrl-C stops it/);
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

test("an unsure answer is shown and sent back; the sure one goes out", async () => {
  await using run = terminal("run", "analyst", "What was the turnover?", "--interactive");
  await run.see(/Confidence 0\.30 \(unsure\), threshold 0\.65/);
  await run.see(/Confidence 0\.30 below threshold 0\.65/);
  await run.see(/If nobody decides, it ends as expired: the result does not go out/);
  await run.see(VERDICT);
  run.answer("");
  await run.see(VERDICT);
  run.answer("send back");
  await run.see(/What should the agent do differently\? $/);
  run.answer("Name the table.");
  await run.see(/4\.2 million, by table 3/);
  expect(await run.exited).toBe(0);
});

test("an unsure answer is edited, and what was edited goes out", async () => {
  await using run = terminal("run", "analyst", "What was the turnover?", "--interactive");
  await run.see(VERDICT);
  run.answer("edit");
  await run.see(/result \[.*\]: $/);
  run.answer("About 4.2 million.");
  await run.see(/Type edit to approve it so, or back: $/);
  run.answer("edit");
  await run.see(/About 4\.2 million\.\n$/);
  expect(await run.exited).toBe(0);
});
