// Amorce agents as their users write them, against the service as users run it.
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { AmorceClient, ApprovalRequiredError } from "@holdpoint/client/amorce";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseFencedBlocks } from "../fenced-block.ts";
import { runPython } from "../python.ts";
import { endAll, repository, startService, temporaryFolder, type ServiceProcess } from "./service-process.ts";

const run = promisify(execFile);
const config = join(repository, "examples", "existing-clients", "amorce", "holdpoint.config.ts");
const folder = temporaryFolder();
const dataDir = join(folder.path, ".holdpoint");
let service: ServiceProcess;
let agentKey: string;

beforeAll(async () => {
  mkdirSync(dataDir);
  service = await startService({ HOLDPOINT_CONFIG: config, HOLDPOINT_DATA_DIR: dataDir });
  const made = await fetch(`${service.url}/v1/api-keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${service.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "the samples", kind: "agent", agentId: "sarah" }),
  });
  agentKey = ((await made.json()) as { key: string }).key;
});
afterAll(async () => {
  await endAll();
  folder.remove();
});

const settings = () => ({
  AMORCE_URL: service.url,
  AMORCE_AGENT_KEY: agentKey,
  AMORCE_APP_KEY: service.apiKey,
});
async function book(reply: string): Promise<string[]> {
  const program = join(repository, "examples", "existing-clients", "amorce", "book-a-table.ts");
  const { stdout } = await run(process.execPath, [program, reply], {
    env: { PATH: process.env["PATH"], ...settings() },
  });
  return stdout.trim().split("\n");
}

test("TypeScript: negotiated, asked, approved, confirmed; and a no that contains a yes", async () => {
  const asked = ["offer: Table for 4 at 19:00, deposit 120", "requires a person: true", "approval: pending"];
  expect(await book("Sounds good to me!")).toEqual([
    ...asked,
    "approved: Sounds good to me!",
    'success: {"guests":4,"time":"19:00","deposit":120}',
  ]);
  for (const reply of ["DISAPPROVE", "don't approve, yes?"])
    expect(await book(reply)).toEqual([...asked, `rejected: ${reply}`, "The booking is cancelled."]);
});

test("Python, with nothing but the standard library", async () => {
  const program = "examples/python-http/amorce.py";
  const { stdout, stderr, exitCode } = await runPython(program, settings());
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  expect(stdout.trim().split("\n")).toEqual([
    "offer: Table for 4 at 19:00",
    "403 FORBIDDEN requires_hitl: True",
    "submitted: 200",
    "submitted again: 409",
    "approved by user@example.com: sounds good to me!",
    '200 success {"deposit": 120, "guests": 4, "time": "19:00"}',
    '200 success {"deposit": 120, "guests": 4, "time": "19:00"}',
  ]);
  const refused = await runPython(program, settings(), ["not this time"]);
  expect(refused.stdout.trim().split("\n").slice(-2)).toEqual([
    "rejected by user@example.com: not this time",
    "cancelled: 403",
  ]);
});

test("the client library: refused, asked, approved, carried out once", async () => {
  const agent = new AmorceClient({ url: service.url, apiKey: agentKey, agentId: "sarah" });
  const app = new AmorceClient({ url: service.url, apiKey: service.apiKey });
  const payload = { intent: "confirm", guests: 5, deposit: 150 };
  const serviceContract = { service_id: "le_petit_bistro" };
  const refused: unknown = await agent
    .transact({ serviceContract, payload })
    .catch((error: unknown) => error);
  if (!ApprovalRequiredError.isInstance(refused)) throw new Error("Nobody was asked.", { cause: refused });
  const transactionId = refused.transactionId ?? "";
  const approvalId = await agent.requestApproval({
    transactionId,
    summary: "Book for 5",
    details: { ...serviceContract, payload: { guests: 5, deposit: 150 } },
  });
  expect((await agent.checkApproval(approvalId)).status).toBe("pending");
  const own = agent.submitApproval({ approvalId, decision: "approve", approvedBy: "sarah" });
  await expect(own).rejects.toMatchObject({ code: "FORBIDDEN", status: 403 });
  await app.submitApproval({
    approvalId,
    decision: "approve",
    approvedBy: "user@example.com",
    comments: "yes",
  });
  expect(await agent.waitForApproval(approvalId)).toMatchObject({ status: "approved", comments: "yes" });
  const done = { transaction_id: transactionId, status: "success", result: { booked: { guests: 5 } } };
  for (let time = 1; time <= 2; time++)
    expect(await agent.transact({ serviceContract, payload, transactionId })).toMatchObject(done);
});

test("the how-to, block by block", async () => {
  const page = readFileSync(join(repository, "docs", "how-to", "amorce-clients.md"), "utf8");
  const script = parseFencedBlocks(page)
    .filter(({ language }) => language === "sh")
    .map(({ code }) => `${code}\necho`);
  const { stdout } = await run("bash", ["-euo", "pipefail", "-c", script.join("\n")], {
    cwd: folder.path,
    env: { PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` },
  });
  expect(stdout).toContain('"comments":"sounds good to me!"');
  expect(stdout).toContain('"requires_hitl":true');
  expect(stdout).toContain('"status":"success"');
  expect(stdout).toContain('"booked":{"guests":4');
});
