import { isDeepStrictEqual } from "node:util";
import { isTerminalRun, type Run } from "@holdpoint/protocol";
import { afterEach, expect, test } from "vitest";
import type { FaultPoints } from "../../src/runs/journal.ts";
import { describeEachStore, type TestStore } from "../../src/testing/stores.ts";
import { createRunFixture, dieAt, type RunFixture } from "./run-fixture.ts";
import { createTestTools, obey, type TestTools } from "./test-tools.ts";

const STORY = "count users; delete 5; put x then send bob";
const SHORT_LEASE_SECONDS = 0.3;

/** Every place where a worker can die over the story, in order: a point, and its how-manieth time. */
async function listPoints(store: TestStore): Promise<{ point: string; occurrence: number }[]> {
  const points: { point: string; occurrence: number }[] = [];
  const recorder: FaultPoints = {
    hit(point) {
      points.push({ point, occurrence: points.filter((reached) => reached.point === point).length + 1 });
    },
  };
  const tools = createTestTools();
  const fixture = await createRunFixture(store, { tools: tools.tools, script: obey });
  await fixture.startWorker({ faults: recorder });
  await decideAll(fixture, await fixture.start(STORY), tools);
  await fixture.stop();
  return points;
}

/** Approves what is asked, and tells the truth about what a dead worker left unknown. */
async function decideAll(
  fixture: RunFixture,
  runId: string,
  tools: TestTools,
): Promise<{ run: Run; unknown: string[] }> {
  const unknown: string[] = [];
  for (;;) {
    const run = await fixture.until(
      runId,
      ({ status, holds }) => isTerminalRun(status) || holds.some((hold) => hold.status === "pending"),
    );
    if (isTerminalRun(run.status)) return { run, unknown };
    const hold = run.holds.find(({ status }) => status === "pending");
    if (hold?.kind === "approval")
      await fixture.decide(hold.id, { verdict: "approve", actionHash: hold.action?.hash });
    else if (hold !== undefined) {
      const { tool: name } = (hold.question ?? {})["data"] as { tool: string };
      unknown.push(name);
      const wasDone = tools.done.some((done) => done.name === name);
      const answer = wasDone ? { executed: "succeeded", result: { told: name } } : { executed: "retry" };
      await fixture.decide(hold.id, { verdict: "answer", answer });
    }
  }
}

describeEachStore("a worker that dies", (store) => {
  let fixture: RunFixture | undefined;
  afterEach(() => fixture?.stop());

  test("at every commit boundary: another goes on, nothing runs twice unasked, nothing without approval (I1, I2, defects 9, 18)", async () => {
    const points = await listPoints(store());
    expect(points.length).toBeGreaterThanOrEqual(30);
    let deaths = 0;
    for (const { point, occurrence } of points) {
      const tools = createTestTools();
      fixture = await createRunFixture(store(), { tools: tools.tools, script: obey });
      const faults = dieAt(point, occurrence);
      const mortal = await fixture.startWorker({ faults, leaseSeconds: SHORT_LEASE_SECONDS });
      const id = await fixture.start(STORY);
      const decided = decideAll(fixture, id, tools);
      // How often a run waits depends on how fast it is decided: the last occurrence may not come.
      const isDead = await Promise.race([faults.died.then(() => true), decided.then(() => false)]);
      await mortal.stop();
      if (isDead) {
        deaths += 1;
        await fixture.startWorker();
      }
      const { run, unknown } = await decided;
      const died = isDead ? `at ${point} #${occurrence}` : "not";
      expect({ died, ...summaryOf(run, tools, await fixture.eventTypes(id)) }).toEqual({
        died,
        status: "completed",
        timesDone: { count: 1, delete: 1, send: 1 },
        idempotencyKeys: 1,
        calls: ["succeeded", "succeeded", "succeeded", "succeeded"],
        approvals: ["executed", "executed"],
        isPaired: true,
        events: {
          "run.started": 1,
          "run.completed": 1,
          "run.step": 3,
          "hold.created": 2 + unknown.length,
          "hold.decided": 2 + unknown.length,
          "action.executed": 4,
          "action.failed": 0,
        },
      });
      await fixture.stop();
    }
    expect(deaths).toBeGreaterThanOrEqual(30);
  }, 120_000);

  test("an executor that comes back from the dead is not believed twice, and starts nothing (fencing)", async () => {
    const tools = createTestTools();
    fixture = await createRunFixture(store(), { tools: tools.tools, script: obey });
    const { promise: wake, resolve: awaken } = Promise.withResolvers<void>();
    const { promise: asleep, resolve: sleep } = Promise.withResolvers<void>();
    let hits = 0;
    const frozen = await fixture.startWorker({
      leaseSeconds: SHORT_LEASE_SECONDS,
      faults: {
        hit(point) {
          if (point !== "before:start" || ++hits > 1) return undefined;
          sleep();
          return wake;
        },
      },
    });
    const id = await fixture.start("delete 5");
    const held = await fixture.holding(id);
    await fixture.approve(held);
    await asleep;
    // Frozen as a whole, timers too: its lease lapses, and another takes the run.
    await frozen.stop();
    await fixture.startWorker();
    const run = await fixture.ended(id);
    awaken();
    expect(run.status).toBe("completed");
    await expect.poll(() => fixture?.logged.some((line) => line.includes("is lost"))).toBe(true);
    expect(tools.done).toHaveLength(1);
  });
});

/** What must be the same whenever the worker died. */
function summaryOf(run: Run, { done }: TestTools, eventTypes: string[]): object {
  const timesDone = (name: string): number => done.filter((call) => call.name === name).length;
  const keys = done.filter(({ name }) => name === "put").map((call) => JSON.stringify(call.arguments));
  const counted = [
    "run.started",
    "run.completed",
    "run.step",
    "hold.created",
    "hold.decided",
    "action.executed",
    "action.failed",
  ];
  return {
    status: run.status,
    timesDone: { count: timesDone("count"), delete: timesDone("delete"), send: timesDone("send") },
    idempotencyKeys: new Set(keys).size,
    calls: run.toolCalls.map(({ status }) => status),
    approvals: run.holds.filter(({ kind }) => kind === "approval").map(({ fulfilment }) => fulfilment),
    isPaired: isDeepStrictEqual(partIds(run, "tool", "tool-result"), partIds(run, "assistant", "tool-call")),
    events: Object.fromEntries(
      counted.map((type) => [type, eventTypes.filter((seen) => seen === type).length]),
    ),
  };
}

/** Exactly one result a call, in call order (I11). */
function partIds(run: Run, role: string, type: string): string[] {
  return run.messages
    .filter((message) => message["role"] === role)
    .flatMap(({ content }) =>
      Array.isArray(content) ? (content as { type: string; toolCallId: string }[]) : [],
    )
    .filter((part) => part.type === type)
    .map(({ toolCallId }) => toolCallId);
}
