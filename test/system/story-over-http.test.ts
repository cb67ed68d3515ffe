// What a new user sees, over plain HTTP: the real server, started as `npm start` does, and its real table.
import type { Hold, Run } from "@holdpoint/protocol";
import { openDatabase } from "@holdpoint/server";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from "vitest";
import { startModelServer } from "../../packages/server/test/runs/model-server.ts";
import { onlyHold, pendingHolds, shown } from "./http-door.ts";
import {
  endAll,
  exampleConfig,
  startService,
  temporaryFolder,
  type ServiceProcess,
} from "./service-process.ts";

const AGENT = "data_manager";
const folder = temporaryFolder();
let service: ServiceProcess;

beforeAll(async () => {
  service = await startService({ HOLDPOINT_CONFIG: exampleConfig, HOLDPOINT_DATA_DIR: folder.path });
});
beforeEach(() => {
  onTestFailed(() => console.error(service.stderr()));
});
afterAll(async () => {
  await endAll();
  folder.remove();
});

/** As a user would find out. */
async function countUsers(): Promise<number> {
  const run = await service.door.tellAgent(AGENT, "How many users are in the users table?");
  expect(run).toMatchObject({ status: "completed", holds: [] });
  const result = run.toolCalls[0]?.result as { count: number } | undefined;
  expect(run.output).toContain(String(result?.count));
  return result?.count ?? -1;
}

interface Notification {
  userId: number;
  message: string;
  to: string;
}

function outbox(): Notification[] {
  const path = join(folder.path, "outbox.jsonl");
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Notification);
}

async function askToDelete(count: number): Promise<{ run: Run; hold: Hold }> {
  const run = await service.door.tellAgent(AGENT, `Delete ${count} old records from the users table`);
  expect(run.status).toBe("holding");
  return { run, hold: onlyHold(run) };
}

test("a dangerous action waits, and shows exactly what it would do", async () => {
  const before = await countUsers();
  const { run, hold } = await askToDelete(50);
  expect(hold).toMatchObject({
    kind: "approval",
    status: "pending",
    agentId: AGENT,
    runId: run.id,
    action: {
      name: "delete_records",
      arguments: { table_name: "users", count: 50 },
      reversibility: "irreversible",
      hash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
    },
    allowedVerdicts: ["approve", "modify", "reject", "skip"],
    onTimeout: "reject",
    fulfilment: "none",
    outcome: null,
  });
  const words = hold.evidence.map((evidence) => (evidence.type === "text" ? evidence.text : "")).join("\n");
  expect(words).toContain(`50 of ${before} records in users would be deleted`);
  expect(words).toMatch(/@example\.com/);
  expect(hold.summary).toContain("cannot be undone");
  expect(hold.reasons.length).toBeGreaterThan(0);
  // It is found where a reviewer looks, and nothing happens while it waits.
  const { data } = await service.door.ask<{ data: Hold[] }>("GET", "/v1/holds?status=pending");
  expect(data.map(({ id }) => id)).toContain(hold.id);
  expect(await countUsers()).toBe(before);
  expect((await service.door.getRun(run.id)).toolCalls[0]).toMatchObject({ status: "gated", attempt: 0 });
  await service.door.decide(hold, { verdict: "skip" });
  await service.door.settled(run.id);
});

test("approved: exactly 50 rows are gone, and the agent says so", async () => {
  const before = await countUsers();
  const { run, hold } = await askToDelete(50);
  expect(await service.door.approve(hold)).toMatchObject({ status: "approved" });
  const ended = await service.door.settled(run.id);
  expect(ended).toMatchObject({ status: "completed", endReason: "end_turn" });
  expect(ended.output).toContain("50");
  expect(ended.toolCalls[0]).toMatchObject({ status: "succeeded", result: { deleted: 50 }, attempt: 1 });
  expect(ended.holds[0]).toMatchObject({ status: "approved", fulfilment: "executed" });
  expect(await countUsers()).toBe(before - 50);
});

test("rejected with a reason: none is gone, and the agent answers to the reason", async () => {
  const before = await countUsers();
  const { run, hold } = await askToDelete(50);
  await service.door.decide(hold, { verdict: "reject", comment: "They are still customers." });
  const ended = await service.door.settled(run.id);
  expect(ended).toMatchObject({ status: "completed", toolCalls: [{ status: "rejected", attempt: 0 }] });
  expect(ended.output).toContain("They are still customers.");
  expect(await countUsers()).toBe(before);
});

test("50 changed to 10: 10 are gone", async () => {
  const before = await countUsers();
  const { run, hold } = await askToDelete(50);
  const decided = await service.door.decide(hold, {
    verdict: "modify",
    modifications: { count: 10 },
    ...shown(hold),
  });
  // What was shown stays as it was; what is executed has a hash of its own.
  expect(decided).toMatchObject({
    status: "modified",
    action: { arguments: { count: 50 }, hash: hold.action?.hash },
    outcome: { arguments: { table_name: "users", count: 10 } },
  });
  expect(decided.outcome?.actionHash).not.toBe(hold.action?.hash);
  const ended = await service.door.settled(run.id);
  expect(ended.toolCalls[0]).toMatchObject({ status: "succeeded", result: { deleted: 10 } });
  expect(ended.output).toContain("10");
  expect(await countUsers()).toBe(before - 10);
});

test("a notification is appended to the outbox once, after it was approved", async () => {
  const before = outbox();
  const run = await service.door.tellAgent(AGENT, "Notify user 299: your account will be closed on Friday.");
  const hold = onlyHold(run);
  expect(hold.action).toMatchObject({ name: "send_notification", arguments: { user_id: 299 } });
  expect(outbox()).toEqual(before);
  await service.door.approve(hold);
  expect(await service.door.settled(run.id)).toMatchObject({ status: "completed" });
  const sent = outbox().slice(before.length);
  expect(sent).toMatchObject([
    { userId: 299, message: expect.stringContaining("your account will be closed") as string },
  ]);
});

test("several requests in one message: one turn, decided one by one, continued as a whole", async () => {
  const [rows, sent] = [await countUsers(), outbox().length];
  const run = await service.door.tellAgent(
    AGENT,
    "How many users are in the users table? Delete 5 old records from the users table. " +
      "Notify user 298: you are next. Delete 7 old records from the users table",
  );
  expect(run.toolCalls.map(({ name, status, step }) => [name, status, step])).toEqual([
    ["query_users", "succeeded", 1],
    ["delete_records", "gated", 1],
    ["send_notification", "gated", 1],
    ["delete_records", "gated", 1],
  ]);
  const [five, note, seven] = pendingHolds(run) as [Hold, Hold, Hold];
  await service.door.approve(seven);
  await service.door.decide(five, { verdict: "reject", comment: "Not these." });
  // One is open: nothing that was held has run, whatever was said of the others.
  expect(await countUsers()).toBe(rows);
  const waiting = await service.door.getRun(run.id);
  expect(waiting.toolCalls.map(({ status }) => status)).toEqual([
    "succeeded",
    "rejected",
    "gated",
    "approved",
  ]);
  expect(waiting.holds.find(({ id }) => id === seven.id)).toMatchObject({ fulfilment: "waiting" });
  await service.door.approve(note);
  const ended = await service.door.settled(run.id);
  expect(ended.toolCalls.map(({ status }) => status)).toEqual([
    "succeeded",
    "rejected",
    "succeeded",
    "succeeded",
  ]);
  expect(ended.messages.filter(({ role }) => role === "tool")).toHaveLength(1);
  expect(ended.output).toContain("Not these.");
  expect(await countUsers()).toBe(rows - 7);
  expect(outbox()).toHaveLength(sent + 1);
});

test("a decision counts once: the second is told who was first, and a stale hash approves nothing", async () => {
  const before = await countUsers();
  const { run, hold } = await askToDelete(3);
  const stale = { verdict: "approve", actionHash: `sha256:${"0".repeat(64)}` };
  expect(await service.door.request("POST", `/v1/holds/${hold.id}/decisions`, { body: stale })).toMatchObject(
    { status: 409, body: { code: "action_changed" } },
  );
  await service.door.approve(hold);
  expect(
    await service.door.request("POST", `/v1/holds/${hold.id}/decisions`, { body: { verdict: "reject" } }),
  ).toMatchObject({
    status: 409,
    body: { code: "already_decided", requestId: expect.any(String) as string },
  });
  await service.door.settled(run.id);
  expect(await countUsers()).toBe(before - 3);
});

test("the audit trail of a run is whole and in order, as JSON and as text", async () => {
  const { run, hold } = await askToDelete(2);
  await service.door.decide(hold, {
    verdict: "modify",
    modifications: { count: 1 },
    comment: "One will do.",
    ...shown(hold),
  });
  await service.door.settled(run.id);
  const events = await service.door.audit(run.id);
  expect(events.map(({ type }) => type)).toEqual([
    "run.started",
    "run.step",
    "hold.created",
    "run.holding",
    "hold.decided",
    "run.resumed",
    "action.executing",
    "action.executed",
    "run.step",
    "run.completed",
  ]);
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  const times = events.map(({ createdAt }) => createdAt);
  expect(times).toEqual(times.toSorted());
  const decided = events.find(({ type }) => type === "hold.decided");
  expect(decided).toMatchObject({
    decision: "modified",
    rationale: "One will do.",
    holdId: hold.id,
    actor: { kind: "member" },
    actionHash: hold.action?.hash,
  });
  const executing = events.find(({ type }) => type === "action.executing");
  expect(executing?.data).toMatchObject({ action: { arguments: { table_name: "users", count: 1 } } });
  const text = await service.door.ask<string>("GET", `/v1/audit?runId=${run.id}&format=text`);
  const lines = text.trimEnd().split("\n");
  expect(lines[0]).toBe(`Audit trail for run ${run.id}`);
  expect(lines).toHaveLength(events.length + 1);
  expect(text).toMatch(/\] gate_presented: delete_records\n/);
  expect(text).toMatch(/\] modified: delete_records → modified \(reviewer: mem_\w+\) "One will do\."\n/);
  expect(text).toMatch(/\] executed: delete_records\n/);
  const ofHold = await service.door.ask<{ data: unknown[] }>("GET", `/v1/audit?holdId=${hold.id}`);
  expect(ofHold.data).toHaveLength(4);
});

test("a real model's run waits more than once: each hold after the other, and it hears what became of each", async () => {
  const call = (name: string, args: object) => ({
    calls: [{ id: `call_${name}`, name, arguments: JSON.stringify(args) }],
  });
  const model = await startModelServer([
    call("delete_records", { table_name: "users", count: 4 }),
    call("send_notification", { user_id: 300, message: "Four are gone." }),
    { text: "Two of four were deleted, and nobody was notified." },
  ]);
  const modelFolder = temporaryFolder();
  const own = await startService({
    HOLDPOINT_CONFIG: exampleConfig,
    HOLDPOINT_DATA_DIR: modelFolder.path,
    HOLDPOINT_MODEL_URL: model.url,
  });
  const first = await own.door.tellAgent(AGENT, "Delete four and tell user 300.");
  await own.door.decide(onlyHold(first), {
    verdict: "modify",
    modifications: { count: 2 },
    ...shown(onlyHold(first)),
  });
  const second = await own.door.settled(first.id);
  expect(second).toMatchObject({ status: "holding", steps: [{ position: 1 }, { position: 2 }] });
  expect(onlyHold(second).action).toMatchObject({ name: "send_notification", arguments: { user_id: 300 } });
  await own.door.decide(onlyHold(second), { verdict: "reject", comment: "She knows." });
  expect(await own.door.settled(first.id)).toMatchObject({
    status: "completed",
    output: "Two of four were deleted, and nobody was notified.",
  });
  // Each turn was told how the one before had ended, as its own call's result.
  const told = model.requests.map(({ messages }) => messages.at(-1));
  expect(told).toMatchObject([
    { role: "user" },
    { role: "tool", tool_call_id: "call_delete_records" },
    { role: "tool", tool_call_id: "call_send_notification" },
  ]);
  expect(JSON.stringify(told[1])).toMatch(/\bdeleted.*2\b/);
  expect(JSON.stringify(told[2])).toContain("She knows.");
  expect(await own.stop()).toBe(0);
  await model.close();
  modelFolder.remove();
});

test("stopped, it exits with 0, and the database file holds what the agent said", async () => {
  const said = await countUsers();
  expect(await service.stop()).toBe(0);
  expect(service.stderr()).not.toMatch(/"level":(50|60)/);
  const database = await openDatabase({ dataDir: folder.path, logger: console });
  try {
    const { rows } = await database.ownerSession((owner) =>
      owner.query<{ count: number }>("select count(*)::int as count from public.users"),
    );
    expect(rows).toEqual([{ count: said }]);
    expect(said).toBe(300 - 50 - 10 - 7 - 3 - 1);
  } finally {
    await database.close();
  }
});
