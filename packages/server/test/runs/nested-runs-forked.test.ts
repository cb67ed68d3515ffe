/*
 * Breaks, if it is wrong: I2 (what an agent executed that the run had called is not executed again when the run is run again).
 */
import type { Run } from "@holdpoint/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { agentTool } from "../../src/agents/agent-tool.ts";
import type { ModelObject } from "../../src/agents/agent.ts";
import { scriptedModel } from "../../src/agents/models/scripted-model.ts";
import { controlRun } from "../../src/runs/control-run.ts";
import { getRun } from "../../src/runs/read-runs.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createGate, type Gate } from "./gate.ts";
import { passOn, refundsAgent } from "./nested-agents.ts";
import { createRunFixture, type FixtureAgent, type RunFixture } from "./run-fixture.ts";
import { steering, type Steering } from "./steering.ts";
import { createTestTools, obey, type TestTools } from "./test-tools.ts";

describeEachStore("a run that goes on from one that had called agents", (store) => {
  let fixture: RunFixture;
  let tools: TestTools;
  let steer: Steering;
  let gate: Gate;
  /** What the inner agent's model was shown. */
  let heard: unknown[][];

  beforeEach(async () => {
    tools = createTestTools();
    gate = createGate(true);
    heard = [];
    let calls = 0;
    const model = scriptedModel(obey, "recorded", () => `c${(calls += 1)}`);
    const listening: ModelObject = {
      ...model,
      doStream(options: Parameters<typeof model.doStream>[0]) {
        heard.push(options.prompt.filter(({ role }) => role !== "system"));
        return model.doStream(options);
      },
    };
    const inner = { tools: [...tools.tools, gate.tool], model: listening };
    const refunds = agentTool(refundsAgent(tools, inner));
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

  test("is refused while an agent goes on that it had called", async () => {
    const first = await fixture.start("refunds: count users then delete 5");
    await fixture.holding(first);
    await control(first, "cancel");
    // As a crash leaves it, between the end of the one and the end of the other.
    const child = await childOf(first);
    const becomes = (columns: string) =>
      store().database.ownerSession(async (owner) => {
        await owner.query("begin");
        await owner.query("set local role hp_definer");
        await owner.query(`update holdpoint.runs set ${columns} where id = $1`, [child]);
        await owner.query("commit");
      });
    await becomes("status = 'paused', ended_at = null");
    await expect(steer.fork(first, { fromStep: 1 })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(child),
    });
    await becomes("status = 'cancelled', ended_at = clock_timestamp()");
  });

  test("an inner run that is run again hears nothing of the session, as it did the first time", async () => {
    const inSession = { sessionId: "s1" };
    const first = await fixture.start("refunds: count users", inSession);
    await fixture.ended(first);
    const { id: earlier } = await steer.fork(await childOf(first), { fromStep: 1 });
    await fixture.ended(earlier);
    const second = await fixture.start("refunds: count orders", inSession);
    await fixture.ended(second);
    heard.length = 0;
    const { id } = await steer.fork(await childOf(second), { fromStep: 1 });
    await fixture.ended(id);
    expect(heard[0]).toHaveLength(1);
  });

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
