import type { JsonValue, Run } from "@holdpoint/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, dieAt, type RunFixture } from "./run-fixture.ts";
import { createTestTools, obey, type TestTools } from "./test-tools.ts";

describeEachStore("an execution whose outcome was lost (I2)", (store) => {
  let fixture: RunFixture;
  let tools: TestTools;
  let runId: string;
  let asking: Run;

  // The tool has run; the process dies before that is recorded.
  beforeEach(async () => {
    tools = createTestTools();
    fixture = await createRunFixture(store(), { tools: tools.tools, script: obey });
    const faults = dieAt("executed");
    const mortal = await fixture.startWorker({ faults, leaseSeconds: 0.3 });
    runId = await fixture.start("delete 5; send bob");
    const held = await fixture.holding(runId, 2);
    await fixture.approve(held, 0);
    await fixture.approve(held, 1);
    await faults.died;
    await mortal.stop();
    await fixture.startWorker();
    asking = await fixture.holding(runId);
  });
  afterEach(() => fixture.stop());

  async function answer(value: JsonValue): Promise<Run> {
    const escalation = asking.holds.find(({ kind }) => kind === "escalation");
    await fixture.decide(escalation?.id ?? "", { verdict: "answer", answer: value });
    return fixture.ended(runId);
  }

  test("is asked about, and nothing else starts meanwhile", () => {
    expect(asking.toolCalls.map(({ status }) => status)).toEqual(["unknown", "approved"]);
    expect(asking.holds).toMatchObject([
      { kind: "approval", fulfilment: "unknown" },
      { kind: "approval", fulfilment: "waiting" },
      {
        kind: "escalation",
        title: 'Was "delete" executed?',
        allowedVerdicts: ["answer"],
        question: {
          name: "unknown_execution",
          data: { tool: "delete", attempt: 1, arguments: { count: 5 } },
        },
      },
    ]);
    expect(tools.done).toHaveLength(1);
    expect(fixture.logged.join("")).toContain(asking.holds[0]?.id);
  });

  test("succeeded: the model gets the result that the person gives", async () => {
    const run = await answer({ executed: "succeeded", result: { deleted: 5 } });
    expect(run.output).toBe('delete: {"deleted":5}\nsend: "sent"');
    expect(run.holds[0]).toMatchObject({ fulfilment: "executed", execution: { result: { deleted: 5 } } });
    expect(tools.done.map(({ name }) => name)).toEqual(["delete", "send"]);
  });

  test("succeeded without a result is told so", async () => {
    expect((await answer({ executed: "succeeded" })).output).toContain("its result is not known");
  });

  test("failed: the model is told that it failed", async () => {
    const run = await answer({ executed: "failed" });
    expect(run.output).toContain("a person who checked reports that it failed");
    expect(run.toolCalls[0]?.status).toBe("failed");
    expect(run.holds[0]).toMatchObject({ fulfilment: "failed" });
  });

  test("retry: the approved arguments run again, under a new claim", async () => {
    const run = await answer({ executed: "retry" });
    expect(tools.done.map(({ name, attempt }) => `${name} ${attempt}`)).toEqual([
      "delete 1",
      "delete 2",
      "send 1",
    ]);
    expect(run.toolCalls[0]).toMatchObject({ status: "succeeded", attempt: 2 });
    expect(run.holds[0]).toMatchObject({ fulfilment: "executed" });
  });

  test("withdrawn: nobody knows, and the model is told not to count on it", async () => {
    const escalation = asking.holds.find(({ kind }) => kind === "escalation");
    await store().database.call("cancel_hold_v1", {
      credentialHash: fixture.organisation.adminHash,
      holdId: escalation?.id,
      reason: "no idea",
      via: "api",
      eventId: `evt_${"0".repeat(20)}${Date.now().toString(32).slice(-6)}`,
    });
    fixture.wakeups.publish(["advance"]);
    const run = await fixture.ended(runId);
    expect(run.output).toContain("nobody could say whether it was executed");
  });

  test("waits for as long as it takes: silence is no answer to a question of fact", async () => {
    await store().advance(40 * 60 * 1_000);
    await store().database.call("expire_due_v1", [
      `evt_${"1".repeat(20)}${Date.now().toString(32).slice(-6)}`,
    ]);
    expect((await fixture.until(runId, () => true)).status).toBe("holding");
    expect((await answer({ executed: "failed" })).status).toBe("completed");
  });
});
