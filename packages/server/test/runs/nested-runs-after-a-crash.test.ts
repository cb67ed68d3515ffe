import type { Run } from "@holdpoint/protocol";
import { afterEach, expect, test } from "vitest";
import { agentTool } from "../../src/agents/agent-tool.ts";
import { sweepNestedRuns } from "../../src/runs/nested-runs.ts";
import { getRun } from "../../src/runs/read-runs.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { passOn, refundsAgent } from "./nested-agents.ts";
import { createRunFixture, dieAt, type FixtureAgent, type RunFixture } from "./run-fixture.ts";
import { createTestTools, type TestTools } from "./test-tools.ts";

describeEachStore("a process that dies over agents that call each other", (store) => {
  let fixture: RunFixture;
  let tools: TestTools;
  afterEach(() => fixture.stop());

  async function arrange(more: Partial<FixtureAgent> = {}): Promise<void> {
    tools = createTestTools();
    const inner = agentTool(refundsAgent(tools));
    fixture = await createRunFixture(store(), { tools: [inner], script: passOn, ...more });
  }
  const read = (runId: string): Promise<Run> =>
    getRun(store().database, fixture.organisation.adminHash, runId);
  const childOf = async (runId: string): Promise<string> =>
    (await fixture.until(runId, ({ toolCalls }) => toolCalls[0]?.childRunId != null)).toolCalls[0]
      ?.childRunId ?? "";
  const names = (): string[] => tools.done.map(({ name }) => name);

  test("a worker that dies at any commit between the two: another goes on, one inner run, nothing twice (I2)", async () => {
    for (const point of [
      "before:call-agent",
      "after:call-agent",
      "after:hold",
      "before:finish",
      "after:finish",
      "before:resume",
      "after:start",
      "executed",
    ]) {
      for (const occurrence of [1, 2, 3]) {
        await arrange();
        const faults = dieAt(point, occurrence);
        const mortal = await fixture.startWorker({ faults, leaseSeconds: 0.3 });
        const runId = await fixture.start("refunds: delete 5");
        const decided = fixture.holding(runId).then((held) => fixture.approve(held));
        const ended = decided.then(() => fixture.ended(runId));
        const isDead = await Promise.race([faults.died.then(() => true), ended.then(() => false)]);
        await mortal.stop();
        if (isDead) await fixture.startWorker();
        await Promise.race([settleUnknown(runId), ended]);
        const run = await ended;
        expect({ point, occurrence, done: names(), output: run.output, status: run.status }).toEqual({
          point,
          occurrence,
          done: ["delete"],
          output: 'delete: {"deleted":5}',
          status: "completed",
        });
        expect(await countRuns()).toBe(2);
        await fixture.stop();
      }
    }
  }, 300_000);

  /** Says the truth about a `delete` of which a dead worker told nothing. */
  async function settleUnknown(runId: string): Promise<void> {
    const run = await fixture.until(
      runId,
      ({ holds, status }) =>
        status === "completed" ||
        holds.some((hold) => hold.kind === "escalation" && hold.status === "pending"),
    );
    const hold = run.holds.find(({ kind, status }) => kind === "escalation" && status === "pending");
    if (hold === undefined) return;
    const answer = names().includes("delete")
      ? { executed: "succeeded", result: { deleted: 5 } }
      : { executed: "retry" };
    await fixture.decide(hold.id, { verdict: "answer", answer });
  }

  async function countRuns(): Promise<number> {
    return store().database.transaction(async (tx) => {
      await tx.query("select set_config('hp.org_id', $1, true)", [fixture.organisation.orgId]);
      const rows = await tx.query<{ id: string }>("select id from holdpoint.runs where org_id = $1", [
        fixture.organisation.orgId,
      ]);
      return rows.length;
    });
  }

  test("a caller that asks a person after its agent has ended waits, and is woken for nothing", async () => {
    await arrange({
      afterToolCall: async (_call, { ask }) => void (await ask.choice("Go on?", ["yes", "no"])),
    });
    await fixture.startWorker();
    const runId = await fixture.start("refunds: count users");
    const { holds } = await fixture.holding(runId);
    expect(
      await sweepNestedRuns({ database: store().database, wakeups: fixture.wakeups }),
      "nothing was left undone",
    ).toBe(0);
    await fixture.decide(holds[0]?.id ?? "", { verdict: "answer", answer: "yes" });
    await fixture.ended(runId);
    expect(names()).toEqual(["count"]);
  });

  test("what crashes leave between the two is found: callers that nobody woke, runs whose caller is over", async () => {
    await arrange();
    await fixture.startWorker();
    const runId = await fixture.start("refunds: delete 5");
    await fixture.holding(runId);
    const inner = await childOf(runId);
    const deps = { database: store().database, wakeups: fixture.wakeups };
    // As if the process had died after the first of the two.
    await store().database.callIdempotent("control_run_v1", {
      credentialHash: fixture.organisation.adminHash,
      runId,
      action: "kill",
      reason: "by test",
      eventId: "evt_00000000000000000000000000",
      holdEventIds: ["evt_00000000000000000000000001", "evt_00000000000000000000000002"],
      callEventIds: ["evt_00000000000000000000000003", "evt_00000000000000000000000004"],
    });
    expect(await read(inner)).toMatchObject({ status: "holding" });
    expect(await sweepNestedRuns(deps)).toBe(1);
    expect(await read(inner)).toMatchObject({ status: "cancelled", endReason: "killed" });
    expect(await sweepNestedRuns(deps)).toBe(0);
  });

  test("an inner run whose end was told to nobody: its caller is woken", async () => {
    await arrange();
    const worker = await fixture.startWorker();
    const runId = await fixture.start("refunds: delete 5");
    await fixture.holding(runId);
    await worker.stop();
    const inner = await childOf(runId);
    await store().database.transaction(async (tx) => {
      await tx.query("select set_config('hp.org_id', $1, true)", [fixture.organisation.orgId]);
      // As a process leaves it that dies right after the commit, when the caller's row was another's at that moment.
      await tx.query(
        "update holdpoint.runs set status = 'completed', output = '\"done\"', ended_at = now() where id = $1",
        [inner],
      );
      await tx.query("update holdpoint.runs set advance_at = null, lease_until = null where id = $1", [
        runId,
      ]);
    });
    const deps = { database: store().database, wakeups: fixture.wakeups };
    expect(await sweepNestedRuns(deps)).toBe(1);
    await fixture.startWorker();
    expect(await fixture.ended(runId)).toMatchObject({ status: "completed", output: "done" });
    expect(await sweepNestedRuns(deps)).toBe(0);
  });
});
