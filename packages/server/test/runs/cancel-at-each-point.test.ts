import type { RunControlled } from "@holdpoint/protocol";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { defineTool } from "../../src/agents/tool.ts";
import { controlRun } from "../../src/runs/control-run.ts";
import { getRun } from "../../src/runs/read-runs.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { Halts } from "./halts.ts";
import { startModelServer } from "./model-server.ts";
import { createRunFixture, type RunFixture } from "./run-fixture.ts";
import { createTestTools, obey } from "./test-tools.ts";

/** Before it starts, in a tool, while it holds and while it is paused: see control.test.ts. */
describeEachStore("cancel at each of the points of a run", (store) => {
  let fixture: RunFixture;
  afterEach(() => fixture.stop());

  const cancel = (runId: string): Promise<RunControlled> =>
    controlRun(
      { database: store().database, wakeups: fixture.wakeups },
      { credentialHash: fixture.organisation.adminHash, runId, action: "cancel", reason: "by test" },
    );

  test("in the model call: it is broken off, what it said so far is kept as a step that failed, and no tool runs", async () => {
    const hungUp = Promise.withResolvers<void>();
    const server = await startModelServer([{ silentAfter: "Let me ", hungUp: hungUp.resolve }]);
    const tools = createTestTools();
    fixture = await createRunFixture(
      store(),
      { tools: tools.tools, model: "openai/gpt-test" },
      { HOLDPOINT_MODEL_URL: server.url },
    );
    await fixture.startWorker({ leaseSeconds: 60 });
    const runId = await fixture.start("count users");
    await fixture.until(runId, ({ steps }) => steps[0]?.text === "Let me ");
    const cancelled = await cancel(runId);
    expect(cancelled).toMatchObject({ status: "cancelled", report: { unknown: [] } });
    await hungUp.promise; // within a moment, and not when the lease ends
    const run = await getRun(store().database, fixture.organisation.adminHash, runId);
    expect(run.steps).toMatchObject([{ status: "failed", text: "Let me " }]);
    expect(run.toolCalls).toEqual([]);
    expect(server.requests).toHaveLength(1);
    expect(tools.done.map(({ name }) => name)).toEqual([]);
    await server.close();
  });

  test("between calls: the approved one that is done counts, the next one never begins and nobody waits for it", async () => {
    const halts = new Halts();
    const tools = createTestTools();
    fixture = await createRunFixture(store(), { tools: tools.tools, script: obey });
    await fixture.startWorker({ faults: halts });
    const runId = await fixture.start("delete 5; send bob");
    const stop = halts.stopAt(runId, { point: "after:finish", occurrence: 1 });
    const held = await fixture.holding(runId, 2);
    await fixture.approve(held, 0);
    await fixture.decide(held.holds[1]?.id ?? "", {
      verdict: "approve",
      actionHash: held.holds[1]?.action?.hash,
    });
    await stop.reached;
    const cancelled = await cancel(runId);
    expect(cancelled.report).toMatchObject({
      completed: [{ name: "delete" }],
      notCompleted: [{ name: "send", status: "cancelled" }],
      unknown: [],
    });
    stop.letGo();
    await fixture.ended(await fixture.start("count idle"));
    expect(tools.done.map(({ name }) => name)).toEqual(["delete", "count"]);
    const run = await getRun(store().database, fixture.organisation.adminHash, runId);
    expect(run.holds.map(({ fulfilment }) => fulfilment)).toEqual(["executed", "failed"]);
  });

  test("told between the claim and the tool: it does not begin, and is said not to have", async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: told, resolve: tell } = Promise.withResolvers<void>();
    const halts = new Halts();
    const tools = createTestTools();
    const work = defineTool({
      name: "work",
      description: "Works until it is told to stop.",
      input: z.object({}),
      reversibility: "reversible",
      async execute(_args, { signal }) {
        begin();
        await new Promise<void>((resolve) => {
          signal.addEventListener("abort", () => resolve());
        });
        tell();
        return "stopped";
      },
    });
    fixture = await createRunFixture(store(), { tools: [...tools.tools, work], script: obey });
    const runId = await fixture.start("work; count users");
    const unclaimed = halts.stopAt(runId, { point: "before:start", occurrence: 2 });
    await fixture.startWorker({ faults: halts, leaseSeconds: 60 });
    await Promise.all([unclaimed.reached, begun]);
    const stop = halts.stopAt(runId, { point: "after:start", occurrence: 1 });
    unclaimed.letGo();
    await stop.reached;
    await cancel(runId);
    await told;
    stop.letGo();
    const run = await fixture.until(runId, ({ toolCalls }) =>
      toolCalls.every(({ status }) => status !== "executing"),
    );
    expect(run.toolCalls).toMatchObject([
      { name: "work", status: "succeeded" },
      { name: "count", status: "failed", error: { code: "AgentCancelled" } },
    ]);
    expect(tools.done.map(({ name }) => name)).toEqual([]);
  });

  test("at the end: whichever is first counts, and the other is told", async () => {
    const halts = new Halts();
    const tools = createTestTools();
    fixture = await createRunFixture(store(), { tools: tools.tools, script: obey });
    const early = await fixture.start("count users");
    const before = halts.stopAt(early, { point: "before:turn", occurrence: 2 });
    const worker = await fixture.startWorker({ faults: halts });
    await before.reached;
    expect(await cancel(early)).toMatchObject({
      status: "cancelled",
      output: null,
      report: { completed: [{ name: "count" }] },
    });
    before.letGo();
    await worker.stop();
    const late = await fixture.start("count users");
    const after = halts.stopAt(late, { point: "after:turn", occurrence: 2 });
    await fixture.startWorker({ faults: halts });
    await after.reached;
    await expect(cancel(late)).rejects.toMatchObject({
      code: "run_ended",
    });
    after.letGo();
    expect(await fixture.ended(late)).toMatchObject({ status: "completed" });
    expect(await fixture.eventTypes(early)).not.toContain("run.completed");
  });
});
