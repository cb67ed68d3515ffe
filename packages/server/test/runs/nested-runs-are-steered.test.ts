/*
 * Breaks, if it is wrong: I2 (what an inner agent executed is executed again by a fork of the outer run, or after its call was
 * taken over).
 */
import type { Run } from "@holdpoint/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { agentTool } from "../../src/agents/agent-tool.ts";
import { controlRun } from "../../src/runs/control-run.ts";
import { getRun } from "../../src/runs/read-runs.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { passOn, refundsAgent } from "./nested-agents.ts";
import { createRunFixture, dieAt, type FixtureAgent, type RunFixture } from "./run-fixture.ts";
import { steering, type Steering } from "./steering.ts";
import { createTestTools, type TestTools } from "./test-tools.ts";

describeEachStore("a run that has called another is steered", (store) => {
  let fixture: RunFixture;
  let tools: TestTools;
  let steer: Steering;

  beforeEach(async () => {
    tools = createTestTools();
    const agent: FixtureAgent = { tools: [agentTool(refundsAgent(tools))], script: passOn };
    fixture = await createRunFixture(store(), agent);
    steer = steering(store(), fixture, agent);
  });
  afterEach(() => fixture.stop());

  const read = (runId: string): Promise<Run> =>
    getRun(store().database, fixture.organisation.adminHash, runId);
  const cancel = (runId: string, action: "cancel" | "kill" = "cancel") =>
    controlRun(
      { database: store().database, wakeups: fixture.wakeups },
      { credentialHash: fixture.organisation.adminHash, runId, action, reason: "by test" },
    );
  const names = (): string[] => tools.done.map(({ name }) => name);

  test.each(["give", "withdraw"] as const)("%s of the call: the run that it called is over", async (how) => {
    await fixture.startWorker();
    const runId = await fixture.start("refunds: count users then delete 5");
    const held = await fixture.holding(runId);
    const callId = held.toolCalls[0]?.id ?? "";
    const childId = held.toolCalls[0]?.childRunId ?? "";
    const call =
      how === "give"
        ? await steer.give(runId, callId, { result: "done by hand", reason: "it takes too long" })
        : await steer.withdraw(runId, callId, "not needed");
    expect(call).toMatchObject({ status: how === "give" ? "succeeded" : "cancelled", childRunId: childId });
    expect(await read(childId)).toMatchObject({ status: "cancelled", holds: [{ status: "cancelled" }] });
    const run = await fixture.ended(runId);
    expect(run.output).toContain(how === "give" ? "done by hand" : "was withdrawn by an operator");
    expect(names()).toEqual(["count"]);
  });

  test("a fork of a run that was cancelled while its agent worked repeats nothing that this one had done", async () => {
    await fixture.startWorker();
    const runId = await fixture.start("refunds: count users then delete 5 then delete 6");
    await fixture.approve(await fixture.holding(runId));
    await fixture.until(runId, () => tools.done.length === 2);
    const held = await fixture.holding(runId);
    await cancel(runId);
    const { id } = await steer.fork(runId, { fromStep: 1 });
    const again = await fixture.holding(id);
    const childId = again.toolCalls[0]?.childRunId ?? "";
    expect(childId).not.toBe(held.toolCalls[0]?.childRunId);
    expect(
      (await read(childId)).toolCalls.map(({ status, reusedFrom }) => [status, reusedFrom?.runId]),
    ).toEqual([
      ["succeeded", held.toolCalls[0]?.childRunId],
      ["succeeded", held.toolCalls[0]?.childRunId],
      ["gated", undefined],
    ]);
    await fixture.approve(again);
    expect((await fixture.ended(id)).output).toContain('delete: {"deleted":6}');
    expect(names()).toEqual(["count", "delete", "delete"]);
  });

  test("a fork is refused while nobody knows what became of a call of its agent: says which, of which run", async () => {
    const faults = dieAt("executed", 2);
    const mortal = await fixture.startWorker({ faults, leaseSeconds: 0.3 });
    const runId = await fixture.start("refunds: delete 5");
    const held = await fixture.holding(runId);
    const childId = held.toolCalls[0]?.childRunId ?? "";
    await fixture.approve(held);
    await faults.died;
    await mortal.stop();
    await cancel(runId, "kill");
    const callId = (await read(childId)).toolCalls[0]?.id ?? "";
    await expect(steer.fork(runId, { fromStep: 1 })).rejects.toThrow(
      `/v1/runs/${childId}/calls/${callId}/result`,
    );
    await steer.give(childId, callId, { result: { deleted: 5 }, reason: "they are gone" });
    await fixture.startWorker();
    const { id } = await steer.fork(runId, { fromStep: 1 });
    expect((await fixture.ended(id)).output).toContain('delete: {"deleted":5}');
    expect(names()).toEqual(["delete"]);
  });
});
