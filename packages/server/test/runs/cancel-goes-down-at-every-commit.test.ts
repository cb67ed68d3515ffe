import { isTerminalHold, isTerminalRun, isTerminalToolCall, type Run } from "@holdpoint/protocol";
import { afterEach, expect, test } from "vitest";
import { agentTool } from "../../src/agents/agent-tool.ts";
import type { FaultPoints } from "../../src/runs/journal.ts";
import { controlRun } from "../../src/runs/control-run.ts";
import { getRun } from "../../src/runs/read-runs.ts";
import { describeEachStore, type TestStore } from "../../src/testing/stores.ts";
import { passOn, refundsAgent } from "./nested-agents.ts";
import { createRunFixture, type RunFixture } from "./run-fixture.ts";
import { createTestTools, type TestTools } from "./test-tools.ts";

const STORY = "refunds: count users; delete 5 then put x";

interface Point {
  of: "outer" | "inner";
  point: string;
  occurrence: number;
}

/** Tells the runs apart by who is first, and stands still at one point. */
class NestedHalts implements FaultPoints {
  readonly reachedPoints: Point[] = [];
  readonly #halt: Point | undefined;
  readonly #reached = Promise.withResolvers<void>();
  readonly #goesOn = Promise.withResolvers<void>();
  readonly reached = this.#reached.promise;
  readonly letGo = this.#goesOn.resolve;
  #outer: string | undefined;

  constructor(halt?: Point) {
    this.#halt = halt;
  }

  hit(point: string, runId: string): void | Promise<void> {
    this.#outer ??= runId;
    const of = runId === this.#outer ? "outer" : "inner";
    const occurrence =
      1 + this.reachedPoints.filter((known) => known.of === of && known.point === point).length;
    this.reachedPoints.push({ of, point, occurrence });
    const halt = this.#halt;
    if (halt?.of !== of || halt.point !== point || halt.occurrence !== occurrence) return undefined;
    this.#reached.resolve();
    return this.#goesOn.promise;
  }
}

describeEachStore("the caller of an agent is cancelled at every commit boundary of both", (store) => {
  let fixture: RunFixture | undefined;
  afterEach(() => fixture?.stop());

  test("neither goes on, nothing is left open, and nothing starts afterwards (I1, I2, I3, defect 16)", async () => {
    const tools = createTestTools();
    const world = await createRunFixture(store(), {
      tools: [agentTool(refundsAgent(tools))],
      script: passOn,
    });
    fixture = world;
    const rehearsal = new NestedHalts();
    const first = await world.startWorker({ faults: rehearsal });
    await approveAll(world, await world.start(STORY), () => true);
    await first.stop();
    const points = rehearsal.reachedPoints;
    expect(points.filter(({ of }) => of === "outer").length).toBeGreaterThan(10);
    expect(points.filter(({ of }) => of === "inner").length).toBeGreaterThan(15);
    let reached = 0;
    for (const point of points) {
      tools.done.length = 0;
      const halts = new NestedHalts(point);
      const worker = await world.startWorker({ faults: halts, leaseSeconds: 60, graceMs: 10_000 });
      const runId = await world.start(STORY);
      const isGoingOn = { value: true };
      const approving = approveAll(world, runId, () => isGoingOn.value);
      if (await Promise.race([halts.reached.then(() => true), approving.then(() => false)])) reached += 1;
      const cancelled = await cancel(store(), world, runId);
      const before = tools.done.length;
      isGoingOn.value = false;
      halts.letGo();
      await approving;
      await worker.stop();
      await expectOver(world, { runId, point, cancelled, before, tools });
    }
    // Which commits there are depends on who is first: a caller that is told at once neither holds nor resumes.
    expect(reached).toBeGreaterThanOrEqual(Math.floor(points.length * 0.8));
  }, 300_000);

  async function expectOver(
    world: RunFixture,
    seen: { runId: string; point: Point; cancelled: Run | undefined; before: number; tools: TestTools },
  ): Promise<void> {
    const outer = await getRun(store().database, world.organisation.adminHash, seen.runId);
    const children = outer.toolCalls.flatMap(({ childRunId }) => (childRunId === null ? [] : [childRunId]));
    const inner = await Promise.all(
      children.map((id) => getRun(store().database, world.organisation.adminHash, id)),
    );
    const runs = [outer, ...inner];
    expect({
      point: seen.point,
      statuses: runs.map(({ status }) => isTerminalRun(status)),
      isOuterAsTold: seen.cancelled === undefined || outer.status === "cancelled",
      openHolds: runs.flatMap(({ holds }) => holds).filter(({ status }) => !isTerminalHold(status)),
      openCalls: runs
        .flatMap(({ toolCalls }) => toolCalls)
        .filter(({ status }) => !isTerminalToolCall(status) && status !== "unknown")
        .map(({ name, status }) => `${name} ${status}`),
      runs: inner.length <= 1,
    }).toEqual({
      point: seen.point,
      statuses: runs.map(() => true),
      isOuterAsTold: true,
      openHolds: [],
      openCalls: [],
      runs: true,
    });
    // What was in flight at the cancel may be done; nothing else begins.
    const later = seen.tools.done.slice(seen.before).map(({ name }) => name);
    for (const name of later)
      expect(inner.flatMap(({ toolCalls }) => toolCalls).find((call) => call.name === name)).toMatchObject({
        status: expect.stringMatching(/succeeded|unknown/) as string,
      });
    for (const call of inner.flatMap(({ toolCalls }) => toolCalls))
      expect(seen.tools.done.filter(({ name }) => name === call.name).length).toBeLessThanOrEqual(1);
  }
});

async function approveAll(world: RunFixture, runId: string, isWanted: () => boolean): Promise<void> {
  for (;;) {
    const run = await world.until(
      runId,
      ({ status, holds }) =>
        !isWanted() || isTerminalRun(status) || holds.some((hold) => hold.status === "pending"),
    );
    if (!isWanted() || isTerminalRun(run.status)) return;
    await world.approve(run).catch(() => undefined);
  }
}

/** Undefined where it was over already. */
async function cancel(
  { database }: TestStore,
  { organisation, wakeups }: RunFixture,
  runId: string,
): Promise<Run | undefined> {
  try {
    await controlRun(
      { database, wakeups },
      { credentialHash: organisation.adminHash, runId, action: "cancel", reason: "by test" },
    );
    return await getRun(database, organisation.adminHash, runId);
  } catch (error) {
    expect(error).toMatchObject({ code: "run_ended" });
    return undefined;
  }
}
