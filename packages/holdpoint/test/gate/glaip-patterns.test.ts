// The five documented patterns of the decision handler, as their users run them, against the GLAIP dialect.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { GlaipClient } from "@holdpoint/client/glaip";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  endAll,
  exampleConfig,
  repository,
  startService,
  temporaryFolder,
  type ServiceProcess,
} from "../../../../test/system/service-process.ts";
import { TerminalSession } from "../terminal-session.ts";

const run = promisify(execFile);
const folder = temporaryFolder();
let service: ServiceProcess;
beforeAll(async () => {
  service = await startService({
    HOLDPOINT_DATA_DIR: join(folder.path, "data"),
    HOLDPOINT_CONFIG: exampleConfig,
  });
});
afterAll(async () => {
  await endAll();
  folder.remove();
});

function programOf(pattern: string): string {
  return join(repository, "examples", "existing-clients", "glaip", "patterns", `${pattern}.ts`);
}
function environment(): Record<string, string> {
  const path = process.env["PATH"] ?? "";
  return { PATH: path, HOME: folder.path, AIP_API_URL: service.url, AIP_API_KEY: service.apiKey };
}
async function output(pattern: string, ...args: string[]): Promise<string> {
  const options = { env: environment(), cwd: folder.path };
  return (await run(process.execPath, [programOf(pattern), ...args], options)).stdout;
}
/** What became of the last call of the dangerous tool, as the log of operators has it. */
async function lastDecision(): Promise<unknown> {
  const response = await fetch(`${service.url}/agents/hitl/audit?limit=1`, {
    headers: { "X-API-Key": service.apiKey },
  });
  const { data } = (await response.json()) as { data: { decision: string; tool: object }[] };
  return data[0] && [data[0].decision, data[0].tool];
}
const FIVE = { name: "delete_records", arguments: { table_name: "users", count: 5 } };

test("auto: approved with nobody asked", async () => {
  expect(await output("auto-approve")).toMatch(/5/);
  expect(await lastDecision()).toEqual(["approved", FIVE]);
});

test("conditional: by tool and arguments", async () => {
  expect(await output("conditional")).not.toBe("");
  expect(await lastDecision()).toEqual([
    "rejected",
    { ...FIVE, arguments: { table_name: "users", count: 50 } },
  ]);
  await output("conditional", "Delete 3 old records from the users table");
  expect(await lastDecision()).toEqual([
    "approved",
    { ...FIVE, arguments: { table_name: "users", count: 3 } },
  ]);
});

test("interactive: at the terminal, and not by Enter", async () => {
  await using terminal = new TerminalSession(process.execPath, [programOf("interactive")], {
    env: environment(),
    cwd: folder.path,
  });
  await terminal.see(/Asks to run delete_records/);
  await terminal.see(/count: 5/);
  await terminal.see(/approve, reject, skip\? $/);
  terminal.answer("");
  await terminal.see(/approve, reject, skip\? $/);
  terminal.answer("skip");
  await terminal.see(/A word to the agent.*: $/);
  terminal.answer("not today");
  expect(await terminal.exited).toBe(0);
  expect(await lastDecision()).toEqual(["skipped", FIVE]);
});

test("logging only: approved, and written down", async () => {
  await output("logging-only", "log.jsonl");
  const lines = readFileSync(join(folder.path, "log.jsonl"), "utf8").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { tool_name: "delete_records", tool_args: FIVE.arguments, decision: "approved" },
  ]);
});

test("manual: by another process than the one that follows the run", async () => {
  const client = new GlaipClient({ url: service.url, apiKey: service.apiKey });
  const following = client.agents.run("data_manager", "Delete 5 old records from the users table");
  expect(await output("manual", "approve")).toMatch(/^delete_records .*\nRequest hold_\w+ approved\n$/);
  expect(await following).toMatchObject({ kind: "final_response", content: expect.stringMatching(/5/) });
});
