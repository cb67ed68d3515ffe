import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHoldpoint, type HoldpointService } from "holdpoint";
import { afterAll, beforeAll, expect, test } from "vitest";
import config from "./holdpoint.config.ts";

// The whole story through the public door, on the embedded database and its real table.
const ADDRESS = "http://localhost:7777";
let folder: string;
let holdpoint: HoldpointService;
let apiKey: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "data-manager-"));
  process.env["HOLDPOINT_DATA_DIR"] = folder;
  holdpoint = await createHoldpoint({ config, publicUrl: ADDRESS, dataDir: folder, environment: {} });
  ({ apiKey } = await holdpoint.start());
});
afterAll(async () => {
  await holdpoint.stop();
  delete process.env["HOLDPOINT_DATA_DIR"];
  await rm(folder, { recursive: true });
});

interface RunView {
  id: string;
  status: string;
  output: string;
  toolCalls: {
    name: string;
    status: string;
    result: { count?: number; deleted?: number; remaining?: number };
  }[];
  holds: {
    id: string;
    status: string;
    action: { hash: string };
    evidence: { title: string; text: string }[];
  }[];
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await holdpoint.fetch(
    new Request(`${ADDRESS}${path}`, {
      method,
      headers: {
        host: "localhost:7777",
        authorization: `Bearer ${apiKey}`,
        "content-type": "application/json",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text) as T;
}

async function run(input: string): Promise<RunView> {
  const { id } = await call<RunView>("POST", "/v1/agents/data_manager/runs", { input });
  return call("GET", `/v1/runs/${id}/wait?timeoutSeconds=30`);
}

async function decide(held: RunView, decision: object, index = 0): Promise<void> {
  const hold = held.holds.filter(({ status }) => status === "pending")[index];
  await call("POST", `/v1/holds/${hold?.id}/decisions`, { actionHash: hold?.action.hash, ...decision });
}

async function end({ id }: RunView): Promise<RunView> {
  for (;;) {
    const view = await call<RunView>("GET", `/v1/runs/${id}/wait?timeoutSeconds=30`);
    if (["completed", "failed"].includes(view.status)) return view;
  }
}

async function countUsers(): Promise<number> {
  const counted = await run("How many users are in the users table?");
  expect(counted).toMatchObject({
    status: "completed",
    toolCalls: [{ name: "query_users", status: "succeeded" }],
  });
  const count = counted.toolCalls[0]?.result.count ?? -1;
  expect(counted.output).toBe(`There are ${count} users in the users table.`);
  return count;
}

test("approve deletes 50 rows, reject none, 50 changed to 10 deletes 10", async () => {
  expect(await countUsers()).toBe(300);

  const approved = await run("Delete 50 old records from the users table");
  expect(approved.status).toBe("holding");
  expect(approved.holds[0]?.evidence[0]?.text).toBe("50 of 300 records in users would be deleted.");
  expect(approved.holds[0]?.evidence[1]?.text.split("\n")).toHaveLength(11);
  await decide(approved, { verdict: "approve" });
  expect((await end(approved)).output).toBe(
    "Done: 50 records were deleted from the users table, 250 are left.",
  );

  const rejected = await run("Delete 50 old records from the users table");
  await decide(rejected, { verdict: "reject", comment: "The auditors need them.", actionHash: undefined });
  expect((await end(rejected)).output).toBe(
    "Nothing was deleted: the reviewer rejected it. The reason given: The auditors need them.",
  );

  const modified = await run("Delete 50 old records from the users table");
  await decide(modified, { verdict: "modify", modifications: { count: 10 } });
  const ended = await end(modified);
  expect(ended.output).toContain(
    "10 records were deleted from the users table, 240 are left. A reviewer changed",
  );
  expect(ended.toolCalls[0]?.result).toEqual({ deleted: 10, remaining: 240 });
  expect(await countUsers()).toBe(240);
});

test("several requests in one message are several calls in one turn", async () => {
  const held = await run(
    "How many users are in the users table? Delete 5 old records from the users table and notify user 299: Your account stays.",
  );
  expect(held.toolCalls.map(({ name, status }) => [name, status])).toEqual([
    ["query_users", "succeeded"],
    ["delete_records", "gated"],
    ["send_notification", "gated"],
  ]);
  await decide(held, { verdict: "skip", actionHash: undefined });
  await decide(held, { verdict: "approve" }, held.holds.length - 1);
  const ended = await end(held);
  expect(ended.output).toContain("Nothing was deleted: the reviewer skipped it.");
  expect(ended.output).toContain("User 299 was notified at");
  const sent = (await readFile(join(folder, "outbox.jsonl"), "utf8")).trim().split("\n");
  expect(sent.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { userId: 299, message: "Your account stays." },
  ]);
});

test("the policy's tiers: a query by itself, a notification in a day, a deletion at once, a large one by a manager", async () => {
  const explain = (name: string, args: object) =>
    call<{ held: boolean; tier: string; rule: string | null; route: object; quorum: { required: number } }>(
      "POST",
      "/v1/policies/explain",
      { action: { name, arguments: args } },
    );
  expect(await explain("query_users", {})).toMatchObject({ held: false, tier: "automated", rule: null });
  expect(await explain("send_notification", { user_id: 1, message: "Hello." })).toMatchObject({
    tier: "async_review",
    rule: "notification",
    timeoutSeconds: 86_400,
  });
  const deletion = (count: number) => explain("delete_records", { table_name: "users", count });
  expect(await deletion(50)).toMatchObject({
    tier: "sync_gate",
    rule: "deletion",
    route: { role: "reviewer" },
  });
  expect(await deletion(100)).toMatchObject({ rule: "deletion" });
  expect(await deletion(101)).toMatchObject({
    tier: "escalation",
    rule: "large_deletion",
    route: { role: "manager" },
    quorum: { required: 1 },
  });
  expect(await deletion(201)).toMatchObject({ rule: "mass_deletion", quorum: { required: 2 } });
});

test("what it cannot do is said: another table, nobody by that number, another wish", async () => {
  const other = await run("Delete 5 old records from the orders table");
  expect(other).toMatchObject({ status: "completed", holds: [] });
  expect(other.output).toContain("its arguments do not fit");
  const nobody = await run("Notify user 9999: hello");
  await decide(nobody, { verdict: "approve" });
  expect((await end(nobody)).output).toContain("There is no user 9999, so nothing was sent.");
  expect((await run("Write me a poem")).output).toContain("because no model key is set");
});
