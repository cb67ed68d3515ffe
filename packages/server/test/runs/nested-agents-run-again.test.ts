import { expect, test, afterEach } from "vitest";
import type { Run } from "@holdpoint/protocol";
import { agentTool } from "../../src/agents/agent-tool.ts";
import { controlRun } from "../../src/runs/control-run.ts";
import { getRun } from "../../src/runs/read-runs.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { passOn, refundsAgent } from "./nested-agents.ts";
import { createRunFixture, type FixtureAgent, type RunFixture } from "./run-fixture.ts";
import { steering } from "./steering.ts";
import { createTestTools } from "./test-tools.ts";

describeEachStore("an agent that calls an agent is run again", (store) => {
  let fixture: RunFixture;
  afterEach(() => fixture.stop());

  // I2: what the inner agent has executed is not executed again because its caller is run again.
  test("it goes on from what the agent had executed that it called; again and again", async () => {
    const tools = createTestTools();
    const agent: FixtureAgent = { tools: [agentTool(refundsAgent(tools))], script: passOn };
    fixture = await createRunFixture(store(), agent);
    await fixture.startWorker();
    const steer = steering(store(), fixture, agent);
    const names = (): string[] => tools.done.map(({ name }) => name);
    const { adminHash: credentialHash } = fixture.organisation;
    const cancel = (runId: string) =>
      controlRun(
        { database: store().database, wakeups: fixture.wakeups },
        { credentialHash, runId, action: "cancel", reason: "by test" },
      );
    const read = (runId: string): Promise<Run> => getRun(store().database, credentialHash, runId);
    const childOf = async (runId: string): Promise<string> =>
      (await read(runId)).toolCalls[0]?.childRunId ?? "";
    const first = await fixture.start("refunds: count users then put a then delete 5");
    await fixture.holding(first);
    expect(names()).toEqual(["count", "put"]);
    await cancel(first);
    const inner = await childOf(first);
    await fixture.ended(inner);

    const second = await steer.fork(first, { fromStep: 1 });
    const held = await fixture.holding(second.id);
    expect(names()).toEqual(["count", "put"]);
    const again = await read(await childOf(second.id));
    expect(again.forkedFrom).toEqual({ runId: inner, step: 1 });
    expect(again.toolCalls.map(({ name, reusedFrom }) => [name, reusedFrom?.runId ?? null])).toEqual([
      ["count", inner],
      ["put", inner],
      ["delete", null],
    ]);
    // Of one that has done nothing by itself: what the first had done is not lost over that.
    await cancel(second.id);
    await fixture.ended(again.id);
    const third = await steer.fork(second.id, { fromStep: 1 });
    const last = await fixture.holding(third.id);
    expect([names(), held.holds.length]).toEqual([["count", "put"], 1]);
    await fixture.approve(last);
    await fixture.ended(third.id);
    expect(names()).toEqual(["count", "put", "delete"]);
    const fourth = await steer.fork(third.id, { fromStep: 1 });
    expect(await fixture.ended(fourth.id)).toMatchObject({
      status: "completed",
      toolCalls: [{ attempt: 0 }],
    });
    expect(names()).toEqual(["count", "put", "delete"]);
  });

  test("a call of the inner agent that is amended still shows through whom it is asked", async () => {
    const agent: FixtureAgent = { tools: [agentTool(refundsAgent(createTestTools()))], script: passOn };
    fixture = await createRunFixture(store(), agent);
    await fixture.startWorker();
    const runId = await fixture.start("refunds: delete 5");
    const [hold] = (await fixture.holding(runId)).holds;
    const body = { arguments: { table: "users", count: 3 }, reason: "fewer" };
    await steering(store(), fixture, agent).amend(hold?.runId ?? "", hold?.toolCallId ?? "", body);
    const { holds } = await fixture.holding(runId);
    expect(holds.find(({ status }) => status === "pending")).toMatchObject({
      path: ["Tester", "Refunds"],
      action: { arguments: { count: 3 } },
    });
  });
});
