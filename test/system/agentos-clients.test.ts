// Clients of AgentOS as their users write them, against the service as users run it.
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { playStory } from "../../packages/server/test/dialects/http-story.ts";
import { parseFencedBlocks } from "../fenced-block.ts";
import { runPython } from "../python.ts";
import { endAll, exampleConfig, repository, startService, temporaryFolder } from "./service-process.ts";
import type { ServiceProcess } from "./service-process.ts";

const run = promisify(execFile);
const folder = temporaryFolder();
const dataDir = join(folder.path, ".holdpoint");
let service: ServiceProcess;

const start = () => startService({ HOLDPOINT_CONFIG: exampleConfig, HOLDPOINT_DATA_DIR: dataDir });
beforeAll(async () => {
  mkdirSync(dataDir);
  service = await start();
});
afterAll(async () => {
  await endAll();
  folder.remove();
});

const settings = () => ({ AGENT_OS_URL: service.url, AGENT_OS_KEY: service.apiKey });
async function client(name: string, ...args: string[]): Promise<string[]> {
  const program = join(repository, "examples", "existing-clients", "agentos", name);
  const env = { PATH: process.env["PATH"], ...settings() };
  const { stdout } = await run(process.execPath, [program, ...args], { env });
  return stdout.trim().split("\n");
}

test("TypeScript: confirmed and rejected, several calls in one run", async () => {
  const message = "Delete 5 old records from the users table and notify user 299: Your account stays.";
  expect(await client("confirm.ts", "yes", message)).toEqual([
    'delete_records {"table_name":"users","count":5}? yes',
    'send_notification {"user_id":299,"message":"Your account stays."}? yes',
    "COMPLETED: Done: 5 records were deleted from the users table, 295 are left.",
    "",
    expect.stringContaining("User 299 was notified at"),
  ]);
  expect((await client("confirm.ts", "no", message)).slice(2)).toEqual([
    "COMPLETED: Nothing was deleted: the reviewer rejected it. The reason given: Not today.",
    "",
    "Nothing was sent: the reviewer rejected it. The reason given: Not today.",
  ]);
});

test("TypeScript: events", async () => {
  expect(await client("stream.ts", "Delete 5 old records from the users table")).toEqual([
    "RunStarted",
    expect.stringMatching(/^RunPaused Confirmation is needed/),
    "RunContinued",
    "ToolCallStarted delete_records",
    "ToolCallCompleted delete_records",
    "RunCompleted Done: 5 records were deleted from the users table, 290 are left.",
    "Done: 5 records were deleted from the users table, 290 are left.",
  ]);
});

test("Python, with nothing but the standard library", async () => {
  const { stdout, stderr, exitCode } = await runPython("examples/python-http/agentos.py", settings());
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  expect(stdout.trim().split("\n")).toEqual([
    "state: paused",
    'awaits confirmation: delete_records {"count": 5, "table_name": "users"}',
    "200 COMPLETED Done: 5 records were deleted from the users table, 285 are left.",
    expect.stringMatching(/^409 Run run_\w+ is COMPLETED already: nothing waits in it\.$/),
    "200 COMPLETED Nothing was deleted: the reviewer rejected it. The reason given: The auditors need them.",
    "200 approved by somebody",
  ]);
});

test("an editor's requests, one after the other (R228)", async () => {
  const known = await playStory(join(repository, "examples", "data-manager", "api.http"), {
    send: (request) => fetch(request),
    isRequestsOnly: true,
    variables: { host: service.url, key: service.apiKey },
  });
  expect(known).toHaveProperty("start.response.body.$.status", "PAUSED");
});

test("the how-to, block by block", async () => {
  const page = readFileSync(join(repository, "docs", "how-to", "agentos-clients.md"), "utf8");
  const script = parseFencedBlocks(page).map(({ code }) => `${code}\necho`);
  const { stdout } = await run("bash", ["-euo", "pipefail", "-c", script.join("\n")], {
    cwd: folder.path,
    env: { PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` },
  });
  expect(stdout).toContain('"status":"PAUSED"');
  expect(stdout).toContain('"status":"COMPLETED"');
  expect(stdout).toContain("event: RunCompleted");
  expect(stdout).toContain('"status":"approved"');
});

test("killed between pause and decision: after the restart it waits still, and is executed once (I1, I2, I4)", async () => {
  const headers = { authorization: `Bearer ${service.apiKey}` };
  const send = (path: string, fields?: Record<string, string>) =>
    fetch(`${service.url}${path}`, {
      headers,
      ...(fields && { method: "POST", body: new URLSearchParams(fields) }),
    });
  const message = "Delete 5 old records from the users table";
  const paused = await send("/agents/data_manager/runs", {
    message,
    session_id: "s-killed",
    stream: "false",
  });
  const { run_id, tools } = (await paused.json()) as {
    run_id: string;
    tools: { confirmed: boolean | null }[];
  };
  const users = await countUsers();
  await service.kill();
  service = await start();

  const before = (await (await send(`/agents/data_manager/runs/${run_id}`)).json()) as object;
  expect(before).toMatchObject({ status: "PAUSED", tools });
  const approvals = await send(`/approvals?status=pending&run_id=${run_id}`);
  expect(await approvals.json()).toMatchObject({ meta: { total_count: 1 } });
  const decision = {
    tools: JSON.stringify(tools.map((tool) => ({ ...tool, confirmed: true }))),
    session_id: "s-killed",
    stream: "false",
  };
  const done = await send(`/agents/data_manager/runs/${run_id}/continue`, decision);
  expect(await done.json()).toMatchObject({ status: "COMPLETED", tools: [{ tool_call_error: false }] });
  expect((await send(`/agents/data_manager/runs/${run_id}/continue`, decision)).status).toBe(409);
  expect(await countUsers()).toBe(users - 5);

  async function countUsers(): Promise<number> {
    const counted = await send("/agents/data_manager/runs", {
      message: "How many users are in the users table?",
      stream: "false",
    });
    const { content } = (await counted.json()) as { content: string };
    return Number(/There are (\d+) users/.exec(content)?.[1]);
  }
});
