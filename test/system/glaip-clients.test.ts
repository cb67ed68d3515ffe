// Clients of GLAIP as their users write them, each a process of its own, against the service that `npm start` starts.
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from "vitest";
import { runPython } from "../python.ts";
import {
  endAll,
  exampleConfig,
  repository,
  runCommand,
  startService,
  temporaryFolder,
  type ServiceProcess,
} from "./service-process.ts";

const folder = temporaryFolder();
const settings = { HOLDPOINT_CONFIG: exampleConfig, HOLDPOINT_DATA_DIR: folder.path };
let service: ServiceProcess;

beforeAll(async () => {
  service = await startService(settings);
});
beforeEach(() => {
  onTestFailed(() => console.error(service.stderr()));
});
afterAll(async () => {
  await endAll();
  folder.remove();
});

const address = () => ({ AIP_API_URL: service.url, AIP_API_KEY: service.apiKey });

/** What a sample says, line by line. */
async function runSample(name: string, ...args: string[]): Promise<string[]> {
  const program = join(repository, "examples", "existing-clients", "glaip", name);
  const command = runCommand(program, args, address());
  const end = await command.ended;
  expect([end, command.stderr()]).toEqual([0, ""]);
  return command.stdout().trim().split("\n");
}

async function countUsers(): Promise<number> {
  const run = await service.door.tellAgent("data_manager", "How many users are in the users table?");
  const result = run.toolCalls[0]?.result as { count: number } | undefined;
  return result?.count ?? Number.NaN;
}

test("TypeScript: the stream, an approval and a rejection", async () => {
  const before = await countUsers();
  const words = "Delete 5 old records from the users table";
  const [asked, now, end] = await runSample("run-with-operator.ts", "approved", words);
  expect(asked).toBe('delete_records {"table_name":"users","count":5}, 180 s: approved');
  expect(now).toBe("now approved");
  expect(end).toBe(
    `final_response: Done: 5 records were deleted from the users table, ${before - 5} are left.`,
  );
  const rejected = await runSample("run-with-operator.ts", "rejected", words);
  expect(rejected.slice(1)).toEqual([
    "now rejected",
    "final_response: Nothing was deleted: the reviewer rejected it.",
  ]);
  expect(await countUsers()).toBe(before - 5);
  // Both have cleaned up.
  const { data } = await service.door.ask<{ data: { source: string }[] }>("GET", "/v1/agents");
  expect(data.map(({ source }) => source)).toEqual(["config"]);
});

test("Python, with its standard library alone", async () => {
  const before = await countUsers();
  const { exitCode, stdout, stderr } = await runPython("examples/python-http/glaip.py", address(), [
    "approved",
    "Delete 3 old records from the users table",
  ]);
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(stdout.trim().split("\n")).toEqual([
    "201 python-hitl-demo",
    'delete_records {"count": 3, "table_name": "users"}',
    expect.stringMatching(/^200 \{'status': 'ok', 'message': 'Request hold_\w+ approved'\}$/),
    "409",
    "now approved",
    `final_response: Done: 3 records were deleted from the users table, ${before - 3} are left.`,
    "approved delete_records said by Python",
    expect.stringMatching(/^200 \{'success': True/),
  ]);
});

// I1, I4: what was asked before the machine died is decided after it, once, about the same bytes.
test("kill -9 between pause and decision: agent, request and run are there afterwards", async () => {
  const before = await countUsers();
  const headers = { "x-api-key": service.apiKey };
  const { agent_id: agentId } = await service.door.ask<{ agent_id: string }>("POST", "/agents/", {
    body: {
      name: "survivor",
      tools: ["delete_records"],
      agent_config: { hitl_enabled: true },
      tool_configs: { delete_records: { hitl: { timeout_seconds: 250 } } },
    },
    headers,
  });
  const stream = await fetch(`${service.url}/agents/${agentId}/run`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ input: "Delete 2 old records from the users table" }),
  });
  const runId = stream.headers.get("x-run-id");
  let heard = "";
  for await (const part of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    heard += part;
    if (heard.includes('"decision":"pending"')) break;
  }
  await service.kill();
  service = await startService(settings);

  const pending = await service.door.ask<{ request_id: string }[]>("GET", "/agents/hitl/pending");
  expect(pending).toMatchObject([
    { run_id: runId, agent_id: agentId, arguments: { count: 2 }, hitl_metadata: { timeout_seconds: 250 } },
  ]);
  expect(heard).toContain(`"request_id":"${pending[0]?.request_id}"`);
  const said = await runSample("decide-pending.ts", "approved");
  expect(said[1]).toBe(`Request ${pending[0]?.request_id} approved`);
  const run = await service.door.ask<{ status: string; toolCalls: object[] }>(
    "GET",
    `/v1/runs/${runId}/wait?timeoutSeconds=20`,
  );
  expect(run).toMatchObject({ status: "completed", toolCalls: [{ status: "succeeded", attempt: 1 }] });
  expect(await countUsers()).toBe(before - 2);
  await service.door.ask("DELETE", `/agents/${agentId}`);
});
