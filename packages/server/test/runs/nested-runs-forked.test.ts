/*
 * Breaks, if it is wrong: I2 (what an agent executed that the run had called is not executed again when the run is run again).
 */
import type { Run } from "@holdpoint/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { agentTool } from "../../src/agents/agent-tool.ts";
import { controlRun } from "../../src/runs/control-run.ts";
import { getRun } from "../../src/runs/read-runs.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createGate, type Gate } from "./gate.ts";
import { passOn, refundsAgent } from "./nested-agents.ts";
import { createRunFixture, type FixtureAgent, type RunFixture } from "./run-fixture.ts";
import { steering, type Steering } from "./steering.ts";
import { createTestTools, type TestTools } from "./test-tools.ts";

describeEachStore("a run that goes on from one that had called agents", (store) => {
  let fixture: RunFixture;
  let tools: TestTools;
  let steer: Steering;
  let gate: Gate;

  beforeEach(async () => {
    tools = createTestTools();
    gate = createGate(true);
    const refunds = agentTool(refundsAgent(tools, { tools: [...tools.tools, gate.tool] }));
    const middle = refundsAgent(tools, {
      id: "middle",
      name: "Middle",
      tools: [refunds],
      script: passOn,
    });
    const agent: FixtureAgent = { tools: [refunds, agentTool(middle)], script: passOn };
    fixture = await createRunFixture(store(), agent);
    steer = steering(store(), fixture, agent);
    await fixture.startWorker();
  });
  afterEach(() => fixture.stop());

  const names = (): string[] => tools.done.map(({ name }) => name);
  const control = (runId: string, action: "cancel" | "kill") =>
    controlRun(
      { database: store().database, wakeups: fixture.wakeups },
      { credentialHash: fixture.organisation.adminHash, runId, action, reason: "by test" },
    );
  const read = (runId: string): Promise<Run> =>
    getRun(store().database, fixture.organisation.adminHash, runId);
  const childOf = async (runId: string): Promise<string> =>
    (await fixture.until(runId, ({ toolCalls }) => toolCalls[0]?.childRunId != null)).toolCalls[0]
      ?.childRunId ?? "";

  test.each(["refunds", "middle: refunds"])(
    "what %s had executed when it was cancelled is taken over, the rest is asked and done",
    async (path) => {
      const first = await fixture.start(`${path}: count users then delete 5`);
      await fixture.holding(first);
      await control(first, "cancel");
      expect(names()).toEqual(["count"]);
      const { id } = await steer.fork(first, { fromStep: 1 });
      await fixture.approve(await fixture.holding(id));
      expect((await fixture.ended(id)).output).toContain('delete: {"deleted":5}');
      expect(names()).toEqual(["count", "delete"]);
      const [before, after] = [await childOf(first), await childOf(id)];
      expect(await read(after)).toMatchObject({ forkedFrom: { runId: before, step: 1 } });
    },
  );

  test("nobody knows whether something below was executed: that has to be settled first", async () => {
    const first = await fixture.start("refunds: work");
    await gate.begun;
    const inner = await childOf(first);
    await control(first, "kill");
    const [call] = (await read(inner)).toolCalls;
    expect(call).toMatchObject({ name: "work", status: "unknown" });
    await expect(steer.fork(first, { fromStep: 1 })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`POST /v1/runs/${inner}/calls/${call?.id}/result`),
    });
    await steer.give(inner, call?.id ?? "", { result: "it has worked", reason: "looked it up" });
    const { id } = await steer.fork(first, { fromStep: 1 });
    expect((await fixture.ended(id)).output).toContain("it has worked");
  });
});
