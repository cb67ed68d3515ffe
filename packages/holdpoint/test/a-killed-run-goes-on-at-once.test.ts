import { fileURLToPath } from "node:url";
import type { Holdpoint } from "@holdpoint/client";
import type { Run } from "@holdpoint/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Folder, ServerProcess } from "./server-process.ts";

const CONFIG = fileURLToPath(new URL("fixture/hanging.config.ts", import.meta.url));
/** Leases last 15 s and are renewed every 5: waiting for one to lapse would take longer than this. */
const AT_ONCE_MS = 5_000;

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder[Symbol.dispose]());

test("kill -9 in the middle of a tool: the restarted embedded service goes on at once, asks where it cannot know, and loses no approval", async () => {
  await using killed = await ServerProcess.start(folder, { HOLDPOINT_CONFIG: CONFIG, HANG: "1" });
  const before = await killed.client();
  const repeatable = await executing(before, "set_price");
  const once = await executing(before, "send_money");
  const waiting = await held(before, "set_price");
  await killed.stop("SIGKILL");

  await using restarted = await ServerProcess.start(folder, { HOLDPOINT_CONFIG: CONFIG });
  const served = performance.now();
  const client = await restarted.client();
  expect(await until(client, repeatable.id, ({ status }) => status === "completed")).toMatchObject({
    toolCalls: [{ status: "succeeded", attempt: 2 }],
    holds: [{ status: "approved", fulfilment: "executed" }],
  });
  // It cannot be known whether this one was executed: a person is asked, and nothing is repeated (I2).
  const asked = await until(client, once.id, ({ holds }) => holds.length === 2);
  expect(asked.toolCalls).toMatchObject([{ status: "unknown", attempt: 1 }]);
  expect(asked.holds.map(({ kind, status, fulfilment }) => [kind, status, fulfilment])).toEqual([
    ["approval", "approved", "unknown"],
    ["escalation", "pending", "none"],
  ]);
  expect(performance.now() - served).toBeLessThan(AT_ONCE_MS);
  // What waited waits still, and its approval is executed.
  await approve(client, waiting);
  await until(client, waiting.id, ({ status }) => status === "completed");
});

test("a stop between two runs' steps hands them back: after it nothing waits for a lease", async () => {
  await using first = await ServerProcess.start(folder, { HOLDPOINT_CONFIG: CONFIG });
  const run = await held(await first.client(), "send_money");
  await approve(await first.client(), run);
  await first.stop();

  await using second = await ServerProcess.start(folder, { HOLDPOINT_CONFIG: CONFIG });
  const served = performance.now();
  expect(await until(await second.client(), run.id, ({ status }) => status === "completed")).toMatchObject({
    toolCalls: [{ status: "succeeded", attempt: 1 }],
  });
  expect(performance.now() - served).toBeLessThan(AT_ONCE_MS);
});

async function held(client: Holdpoint, tool: string): Promise<Run> {
  const { id } = await client.runs.start("worker", { input: tool });
  return until(client, id, ({ holds }) => holds.some(({ status }) => status === "pending"));
}

async function executing(client: Holdpoint, tool: string): Promise<Run> {
  const run = await held(client, tool);
  await approve(client, run);
  return until(client, run.id, ({ toolCalls }) => toolCalls[0]?.status === "executing");
}

async function approve(client: Holdpoint, { holds }: Run): Promise<void> {
  const hold = holds[0];
  if (hold?.action == null) throw new Error("The run holds nothing.");
  await client.holds.decide(hold.id, { verdict: "approve", actionHash: hold.action.hash });
}

async function until(client: Holdpoint, id: string, isSo: (run: Run) => boolean): Promise<Run> {
  let run = await client.runs.get(id);
  await expect.poll(async () => isSo((run = await client.runs.get(id))), { timeout: 20_000 }).toBe(true);
  return run;
}
