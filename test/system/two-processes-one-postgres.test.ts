// Two service processes on one PostgreSQL, as behind a load balancer: whatever begins at one goes on at the other.
import type { Hold, HoldpointEvent, Run } from "@holdpoint/protocol";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test } from "vitest";
import { openTestStore, type OpenTestStore } from "../../packages/server/src/testing/stores.ts";
import { onlyHold } from "./http-door.ts";
import { endAll, startService, temporaryFolder, type ServiceProcess } from "./service-process.ts";

const folder = temporaryFolder();
const outboxPath = join(folder.path, "outbox.jsonl");
let store: OpenTestStore;
let one: ServiceProcess;
let other: ServiceProcess;
let started = 0;

function start(): Promise<ServiceProcess> {
  started += 1;
  return startService({
    DATABASE_URL: store.url,
    HOLDPOINT_CONFIG: fileURLToPath(new URL("./records.config.ts", import.meta.url)),
    HOLDPOINT_DATA_DIR: join(folder.path, `instance-${started}`),
    HOLDPOINT_SECRET: "the same for all instances, as in any deployment",
    RECORDS_OUTBOX: outboxPath,
  });
}

beforeAll(async () => {
  store = await openTestStore("postgres");
  // Both at once: the first start of a new database, too, may be anybody's.
  [one, other] = await Promise.all([start(), start()]);
});
beforeEach(() => {
  onTestFailed(() => console.error(one.stderr(), other.stderr()));
});
afterAll(async () => {
  await endAll();
  await store.close();
  folder.remove();
});

interface Effect {
  type: string;
  toolCallId: string;
  attempt: number;
  pid?: number;
}

function effectsOf(run: Run, call = 0): Effect[] {
  if (!existsSync(outboxPath)) return [];
  const lines = readFileSync(outboxPath, "utf8").trim().split("\n");
  const effects = lines.map((line) => JSON.parse(line) as Effect);
  return effects.filter(({ toolCallId }) => toolCallId === run.toolCalls[call]?.id);
}

/** The process that executes the run's slow tool. */
async function executorOf(runId: string): Promise<{ executor: ServiceProcess; bystander: ServiceProcess }> {
  const began = async (): Promise<number | undefined> =>
    effectsOf(await one.door.getRun(runId)).find(({ type }) => type === "rebuild began")?.pid;
  await expect.poll(began, { timeout: 10_000, interval: 20 }).toBeDefined();
  const pid = await began();
  return one.child.pid === pid ? { executor: one, bystander: other } : { executor: other, bystander: one };
}

/** Puts a new process in the place of one that has ended. */
async function replace(ended: ServiceProcess): Promise<void> {
  const fresh = await start();
  if (ended === one) one = fresh;
  else other = fresh;
}

test("both have the same organisation, whoever made it", async () => {
  expect(other.apiKey).toBe(one.apiKey);
  const [here, there] = await Promise.all([one, other].map(({ door }) => door.tellAgent("keeper", "count")));
  expect(here?.orgId).toBe(there?.orgId);
});

test("started at one, decided at the other, executed once: forty runs, decided at both at the same time", async () => {
  const runs = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? one : other).door.tellAgent("keeper", "notify ada"),
    ),
  );
  await Promise.all(
    runs.map(async (run, index) => {
      const hold = onlyHold(run);
      const decisions = [one, other].map(({ door }) =>
        door.request<Hold>("POST", `/v1/holds/${hold.id}/decisions`, {
          body: { verdict: "approve", actionHash: hold.action?.hash, comment: `${index}` },
        }),
      );
      const statuses = (await Promise.all(decisions)).map(({ status }) => status);
      expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 409]);
    }),
  );
  for (const { id } of runs) {
    const run = await other.door.settled(id);
    expect(run).toMatchObject({ status: "completed", toolCalls: [{ status: "succeeded", attempt: 1 }] });
    expect(effectsOf(run)).toHaveLength(1);
  }
});

test("a run's stream is followed at the other instance, from its start to its end, without a gap", async () => {
  const run = await one.door.startRun("keeper", "count; notify ada");
  const seen: HoldpointEvent[] = [];
  for await (const { event } of other.door.follow(`/v1/runs/${run.id}/events`)) {
    if (!seen.some(({ id }) => id === event.id)) seen.push(event);
    if (event.type === "run.holding") await one.door.approve(onlyHold(await one.door.getRun(run.id)));
  }
  expect(seen).toEqual(await one.door.audit(run.id));
  expect(seen.at(-1)?.type).toBe("run.completed");
});

test("waiting at one comes back when it is decided at the other, by a wake-up and not by the poll", async () => {
  const delays: number[] = [];
  for (let round = 0; round < 5; round++) {
    const hold = await one.door.ask<Hold>("POST", "/v1/holds", {
      body: { action: { name: "refund", arguments: { round } } },
    });
    const waiting = one.door.ask<Hold>("GET", `/v1/holds/${hold.id}/wait?timeoutSeconds=30`);
    await other.door.approve(hold);
    const decidedAt = performance.now();
    expect(await waiting).toMatchObject({ id: hold.id, status: "approved" });
    delays.push(performance.now() - decidedAt);
  }
  // The poll under it comes every two seconds: on average it would take one.
  expect(delays.toSorted((a, b) => a - b)[2]).toBeLessThan(500);
});

test("both sweep deadlines: each hold expires once, and a decision is too late everywhere", async () => {
  const holds = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? one : other).door.ask<Hold>("POST", "/v1/holds", {
        body: { action: { name: "refund", arguments: { index } }, timeoutSeconds: 1 },
      }),
    ),
  );
  await Promise.all(
    holds.map(async ({ id }, index) => {
      const { door } = index % 2 === 0 ? other : one;
      expect(await door.ask<Hold>("GET", `/v1/holds/${id}/wait?timeoutSeconds=20`)).toMatchObject({
        status: "expired",
      });
      const late = await door.request("POST", `/v1/holds/${id}/decisions`, { body: { verdict: "reject" } });
      expect(late).toMatchObject({ status: 410, body: { code: "expired" } });
      const expired = async (): Promise<number> => {
        const { data } = await door.ask<{ data: { eventType: string }[] }>("GET", `/v1/audit?holdId=${id}`);
        return data.filter(({ eventType }) => eventType === "expired").length;
      };
      await expect.poll(expired, { timeout: 10_000, interval: 50 }).toBe(1);
    }),
  );
});

describe("one of the two ends", () => {
  test("killed over an idempotent tool: the other goes on within 20 seconds", async () => {
    const { id } = await one.door.startRun("keeper", "rebuild 60 then notify ada");
    const { executor, bystander } = await executorOf(id);
    await executor.kill();
    const killedAt = performance.now();
    const held = await bystander.door.settled(id);
    expect(performance.now() - killedAt).toBeLessThan(20_000);
    expect(held.toolCalls[0]).toMatchObject({ status: "succeeded", attempt: 2 });
    const effects = effectsOf(held).map(({ type, attempt, pid }) => [type, attempt, pid]);
    expect(effects).toEqual([
      ["rebuild began", 1, executor.child.pid],
      ["rebuild began", 2, bystander.child.pid],
      ["rebuild ended", 2, bystander.child.pid],
    ]);
    await bystander.door.approve(onlyHold(held));
    const ended = await bystander.door.settled(id);
    expect(effectsOf(ended, 1)).toHaveLength(1);
    await replace(executor);
  });

  test("killed while it holds: nothing is lost, since nothing of it was in memory", async () => {
    const run = await one.door.tellAgent("keeper", "notify ada");
    const killed = one;
    await killed.kill();
    await other.door.approve(onlyHold(run));
    expect(effectsOf(await other.door.settled(run.id))).toHaveLength(1);
    await replace(killed);
  });

  test("stopped in mid-run: it ends the tool that runs, and the other goes on at once", async () => {
    const { id } = await one.door.startRun("keeper", "rebuild 1 then count then notify ada");
    const { executor, bystander } = await executorOf(id);
    expect(await executor.stop()).toBe(0);
    const stoppedAt = performance.now();
    const held = await bystander.door.settled(id);
    expect(performance.now() - stoppedAt).toBeLessThan(2_000);
    expect(held.toolCalls.map(({ name, status, attempt }) => [name, status, attempt])).toEqual([
      ["rebuild_index", "succeeded", 1],
      ["count_records", "succeeded", 1],
      ["send_notification", "gated", 0],
    ]);
    expect(effectsOf(held).map(({ type, pid }) => [type, pid])).toEqual([
      ["rebuild began", executor.child.pid],
      ["rebuild ended", executor.child.pid],
    ]);
    await bystander.door.decide(onlyHold(held), { verdict: "skip" });
    await bystander.door.settled(id);
    await replace(executor);
  });
});
