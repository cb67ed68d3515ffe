// The PostgreSQL server goes away under a running service and comes back. Nothing is done twice, nobody is misled
// meanwhile, and nobody has to start the service again.
import type { Hold, HoldpointEvent, Run } from "@holdpoint/protocol";
import { existsSync, readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFailed, test } from "vitest";
import { startPostgres, type PostgresServer } from "../../packages/server/src/testing/postgres-server.ts";
import { onlyHold, shown } from "./http-door.ts";
import { endAll, startService, temporaryFolder, type ServiceProcess } from "./service-process.ts";

const folder = temporaryFolder();
const outboxPath = join(folder.path, "outbox.jsonl");
let postgres: PostgresServer;
let service: ServiceProcess;

beforeAll(async () => {
  postgres = await startPostgres({ settings: ["synchronous_commit=on"] });
  service = await startService({
    DATABASE_URL: postgres.url(),
    HOLDPOINT_CONFIG: fileURLToPath(new URL("./records.config.ts", import.meta.url)),
    HOLDPOINT_DATA_DIR: folder.path,
    RECORDS_OUTBOX: outboxPath,
  });
});
beforeEach(() => {
  onTestFailed(() => console.error(service.stderr()));
});
afterEach(async () => {
  await postgres.start();
  expect(service.child.exitCode, "it lives").toBe(null);
});
afterAll(async () => {
  await endAll();
  await postgres.remove();
  folder.remove();
});

interface Effect {
  type: string;
  toolCallId: string;
  attempt: number;
}

function effectsOf(run: Run): Effect[] {
  if (!existsSync(outboxPath)) return [];
  const lines = readFileSync(outboxPath, "utf8").trim().split("\n");
  return lines
    .map((line) => JSON.parse(line) as Effect)
    .filter(({ toolCallId }) => run.toolCalls.some(({ id }) => id === toolCallId));
}

/** Asks until the service has noticed that its database is back. */
async function persist<T>(ask: () => Promise<T>): Promise<T> {
  let answer: { value: T } | undefined;
  const attempt = async (): Promise<boolean> => {
    answer = await ask().then(
      (value) => ({ value }),
      () => undefined,
    );
    return answer !== undefined;
  };
  await expect.poll(attempt, { timeout: 20_000, interval: 50 }).toBe(true);
  if (answer === undefined) throw new Error("unreachable");
  return answer.value;
}

test("meanwhile every request is told so, with 503 and when to come back; the process is alive", async () => {
  const run = await service.door.tellAgent("keeper", "notify ada");
  const hold = onlyHold(run);
  await postgres.stop();
  const requests: [string, string, object?][] = [
    ["GET", "/ready"],
    ["GET", "/v1/holds"],
    ["GET", `/v1/holds/${hold.id}`],
    ["GET", `/v1/holds/${hold.id}/wait?timeoutSeconds=1`],
    ["GET", `/v1/runs/${run.id}`],
    ["GET", `/v1/runs/${run.id}/events`],
    ["GET", `/v1/audit?runId=${run.id}`],
    ["GET", "/v1/events"],
    ["POST", "/v1/agents/keeper/runs", { input: "count" }],
    ["POST", "/v1/holds", { action: { name: "refund" } }],
    ["POST", `/v1/holds/${hold.id}/decisions`, { verdict: "approve", ...shown(hold) }],
    ["POST", `/v1/holds/${hold.id}/cancel`, {}],
  ];
  // All at once: each is repeated inside for some seconds before it gives up.
  const answers = await Promise.all(
    requests.map(([method, path, body]) =>
      service.door.request(method, path, body === undefined ? {} : { body }),
    ),
  );
  for (const [index, answer] of answers.entries()) {
    const [method, path] = requests[index] ?? [];
    expect(answer, `${method} ${path}`).toMatchObject({
      status: 503,
      body: { code: "unavailable", detail: expect.stringContaining("Idempotency-Key") as string },
    });
    expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
  }
  expect(await service.door.request("GET", "/health")).toMatchObject({ status: 200 });
  expect(effectsOf(run)).toEqual([]);

  await postgres.start();
  // Refused was refused: the hold still waits, and is decided now.
  const pending = await persist(() => service.door.ask<Hold>("GET", `/v1/holds/${hold.id}`));
  expect(pending.status).toBe("pending");
  await service.door.approve(hold);
  const ended = await service.door.settled(run.id);
  expect(ended.status).toBe("completed");
  expect(effectsOf(ended)).toHaveLength(1);
});

test("an approval that is under way when the database dies counts once, whatever became of it", async () => {
  const runs = await Promise.all(
    Array.from({ length: 20 }, () => service.door.tellAgent("keeper", "notify ada")),
  );
  const requests = runs.map((run) => ({ run, hold: onlyHold(run), key: randomUUID() }));
  const decisions = requests.map(({ hold, key }) =>
    persist(() => service.door.decide(hold, { verdict: "approve", ...shown(hold) }, key)),
  );
  // SIGKILL, in the middle of them.
  await postgres.kill();
  await postgres.start();
  for (const decided of await Promise.all(decisions)) expect(decided.status).toBe("approved");
  for (const { run, hold } of requests) {
    let ended = await persist(() => service.door.settled(run.id));
    // What was started and could not be recorded is asked about. It ran: the outbox says so.
    const doubt = ended.holds.find(({ status }) => status === "pending");
    if (doubt !== undefined) {
      expect(doubt.kind).toBe("escalation");
      const executed = effectsOf(ended).length > 0 ? "succeeded" : "retry";
      await service.door.decide(doubt, { verdict: "answer", answer: { executed } });
      ended = await service.door.settled(run.id);
    }
    expect(effectsOf(ended)).toHaveLength(1);
    const detail = await service.door.ask<{ decisions: unknown[] }>("GET", `/v1/holds/${hold.id}`);
    expect(detail.decisions).toHaveLength(1);
  }
});

test("what a tool has done while the database was away is recorded when it is back, however long that takes", async () => {
  const { id } = await service.door.startRun("keeper", "rebuild 1");
  const began = async (): Promise<boolean> => effectsOf(await service.door.getRun(id)).length > 0;
  await expect.poll(began, { timeout: 10_000, interval: 20 }).toBe(true);
  await postgres.stop();
  // Longer than one call is repeated: a result that is known must not become one that nobody knows.
  const isPersisting = (): boolean => service.stderr().includes("cannot be recorded yet");
  await expect.poll(isPersisting, { timeout: 30_000, interval: 50 }).toBe(true);
  await postgres.start();
  const run = await persist(() => service.door.settled(id));
  expect(run).toMatchObject({ status: "completed", toolCalls: [{ status: "succeeded", attempt: 1 }] });
  expect(effectsOf(run).map(({ type }) => type)).toEqual(["rebuild began", "rebuild ended"]);
});

test("a stream goes on, there or after a resume, without a gap", async () => {
  const run = await service.door.tellAgent("keeper", "notify ada");
  const seen = new Map<string, HoldpointEvent>();
  let cursor: string | undefined;
  let streams = 0;
  const follow = async (): Promise<void> => {
    while (![...seen.values()].some(({ type }) => type === "run.completed")) {
      streams += 1;
      try {
        for await (const streamed of service.door.follow(`/v1/runs/${run.id}/events`, {
          lastEventId: cursor,
        })) {
          cursor = streamed.cursor;
          seen.set(streamed.event.id, streamed.event);
          if (streamed.event.type === "run.holding") holding.resolve();
        }
      } catch {
        // Cut off or refused: a client resumes.
      }
    }
  };
  const holding = Promise.withResolvers<void>();
  const following = follow();
  await holding.promise;
  await postgres.stop();
  await postgres.start();
  await persist(() => service.door.approve(onlyHold(run)));
  await following;
  expect([...seen.values()]).toEqual(await service.door.audit(run.id));
  expect(streams).toBeLessThan(200);
});

test("afterwards wake-ups come, deadlines count and runs go on as before", async () => {
  await postgres.stop();
  await postgres.start();
  await persist(() => service.door.ask("GET", "/ready"));
  const expiring = await service.door.ask<Hold>("POST", "/v1/holds", {
    body: { action: { name: "refund" }, timeoutSeconds: 1 },
  });
  const delays: number[] = [];
  for (let round = 0; round < 5; round++) {
    const hold = await service.door.ask<Hold>("POST", "/v1/holds", { body: { action: { name: "refund" } } });
    const waiting = service.door.ask<Hold>("GET", `/v1/holds/${hold.id}/wait?timeoutSeconds=30`);
    await service.door.approve(hold);
    const decidedAt = performance.now();
    await waiting;
    delays.push(performance.now() - decidedAt);
  }
  expect(delays.toSorted((a, b) => a - b)[2]).toBeLessThan(500);
  const swept = async (): Promise<string[]> => {
    const { data } = await service.door.ask<{ data: { eventType: string }[] }>(
      "GET",
      `/v1/audit?holdId=${expiring.id}`,
    );
    return data.map(({ eventType }) => eventType);
  };
  await expect.poll(swept, { timeout: 10_000, interval: 50 }).toEqual(["gate_presented", "expired"]);
  const run = await service.door.tellAgent("keeper", "count then notify ada");
  await service.door.approve(onlyHold(run));
  expect(await service.door.settled(run.id)).toMatchObject({ status: "completed" });
});
