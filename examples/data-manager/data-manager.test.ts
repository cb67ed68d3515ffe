import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  approve,
  change,
  neverAnswer,
  reject,
  skip,
  startHoldpoint,
  type Human,
  type TestHoldpoint,
} from "@holdpoint/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import config from "./holdpoint.config.ts";

// The whole story through the public door, over the example's real table.
let folder: string;
let holdpoint: TestHoldpoint;
/** What the person at the console does about what is held next. */
let reviewer: Human = neverAnswer();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "data-manager-"));
  process.env["HOLDPOINT_DATA_DIR"] = folder;
  holdpoint = await startHoldpoint({ config, humans: [(hold) => reviewer(hold)] });
});
afterAll(async () => {
  await holdpoint.stop();
  delete process.env["HOLDPOINT_DATA_DIR"];
  await rm(folder, { recursive: true });
});

/** The run once nothing of it can go on: it has ended, or waits for somebody. */
async function run(input: string, decides: Human = neverAnswer()) {
  reviewer = decides;
  const { id } = await holdpoint.client.runs.start("data_manager", { input });
  await holdpoint.settled();
  return holdpoint.client.runs.get(id);
}

async function countUsers(): Promise<number> {
  const counted = await run("How many users are in the users table?");
  expect(counted).toMatchObject({
    status: "completed",
    toolCalls: [{ name: "query_users", status: "succeeded" }],
  });
  const count = Object(counted.toolCalls[0]?.result).count as number;
  expect(counted.output).toBe(`There are ${count} users in the users table.`);
  return count;
}

test("approve deletes 50 rows, reject none, 50 changed to 10 deletes 10", async () => {
  expect(await countUsers()).toBe(300);
  const task = "Delete 50 old records from the users table";

  const held = await run(task);
  expect(held.status).toBe("holding");
  expect(held.holds[0]?.evidence[0]).toMatchObject({ text: "50 of 300 records in users would be deleted." });
  const sample = Object(held.holds[0]?.evidence[1]).text as string;
  expect(sample.split("\n")).toHaveLength(11);
  await holdpoint.expectExecuted("delete_records", { times: 0 });
  await holdpoint.client.runs.cancel(held.id);

  const approved = await run(task, approve());
  expect(approved.output).toBe("Done: 50 records were deleted from the users table, 250 are left.");
  await holdpoint.expectExecuted("delete_records", {
    times: 1,
    with: { table_name: "users", count: 50 },
  });

  const rejected = await run(task, reject({ comment: "The auditors need them." }));
  expect(rejected.output).toBe(
    "Nothing was deleted: the reviewer rejected it. The reason given: The auditors need them.",
  );

  const modified = await run(task, change({ count: 10 }));
  expect(modified.output).toContain(
    "10 records were deleted from the users table, 240 are left. A reviewer changed",
  );
  expect(modified.toolCalls[0]?.result).toEqual({ deleted: 10, remaining: 240 });
  expect((await holdpoint.executions()).map(({ tool, arguments: { count } }) => [tool, count])).toEqual([
    ["query_users", undefined],
    ["delete_records", 50],
    ["delete_records", 10],
  ]);
  expect(await countUsers()).toBe(240);
});

test("several requests in one message are several calls in one turn", async () => {
  const seen: string[] = [];
  const ended = await run(
    "How many users are in the users table? Delete 5 old records from the users table and notify user 299: Your account stays.",
    (hold) => {
      seen.push(hold.action?.name ?? hold.kind);
      return hold.action?.name === "delete_records" ? skip()(hold) : approve()(hold);
    },
  );
  expect(seen.toSorted((a, b) => a.localeCompare(b))).toEqual(["delete_records", "send_notification"]);
  expect(ended.toolCalls.map(({ name, status }) => [name, status])).toEqual([
    ["query_users", "succeeded"],
    ["delete_records", "skipped"],
    ["send_notification", "succeeded"],
  ]);
  expect(ended.output).toContain("Nothing was deleted: the reviewer skipped it.");
  expect(ended.output).toContain("User 299 was notified at");
  const sent = (await readFile(join(folder, "outbox.jsonl"), "utf8")).trim().split("\n");
  expect(sent.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { userId: 299, message: "Your account stays." },
  ]);
});

test("nobody answers: the deadline passes and nothing is deleted", async () => {
  const held = await run("Delete 5 old records from the users table");
  await holdpoint.clock.advance({ minutes: 30 });
  const ended = await holdpoint.client.runs.get(held.id);
  expect(ended).toMatchObject({ status: "completed", holds: [{ status: "expired" }] });
  expect(await countUsers()).toBe(240);
});

test("the policy's tiers: a query by itself, a notification in a day, a deletion at once, a large one by a manager", async () => {
  const explain = (name: string, args: Record<string, string | number>) =>
    holdpoint.client.policies.explain({ action: { name, arguments: args } });
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
  const nobody = await run("Notify user 9999: hello", approve());
  expect(nobody.output).toContain("There is no user 9999, so nothing was sent.");
  expect((await run("Write me a poem")).output).toContain("because no model key is set");
});
