import { z } from "zod";
import { afterEach, expect, test } from "vitest";
import { defineTool, type DefinedTool } from "../../src/agents/tool.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, type RunFixture } from "./run-fixture.ts";
import { obey } from "./test-tools.ts";

describeEachStore("leases", (store) => {
  let fixture: RunFixture;
  afterEach(() => fixture.stop());

  async function leaseOf(
    runId: string,
  ): Promise<{ owner: string | null; until: string | null; epoch: number }> {
    return store().database.transaction(async (tx) => {
      await tx.query("select set_config('hp.org_id', $1, true)", [fixture.organisation.orgId]);
      const [lease] = await tx.query<{ owner: string | null; until: string | null; epoch: number }>(
        "select lease_owner as owner, lease_until as until, lease_epoch as epoch from holdpoint.runs where id = $1",
        [runId],
      );
      if (lease === undefined) throw new Error(`There is no run ${runId}.`);
      return lease;
    });
  }

  /** A tool that ends when the test says so. */
  function slowTool(): { tool: DefinedTool; started: Promise<void>; end: () => void; starts: () => number } {
    const started = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    let starts = 0;
    const tool = defineTool({
      name: "slow",
      description: "Takes its time.",
      input: z.object({}),
      reversibility: "reversible",
      async execute() {
        starts += 1;
        started.resolve();
        await ended.promise;
        return "done";
      },
    });
    return { tool, started: started.promise, end: () => ended.resolve(), starts: () => starts };
  }

  test("a long tool keeps its lease, and nobody else takes the run", async () => {
    const slow = slowTool();
    fixture = await createRunFixture(store(), { tools: [slow.tool], script: obey });
    await fixture.startWorker({ leaseSeconds: 0.4, instanceId: "wrk_1" });
    const id = await fixture.start("slow");
    await slow.started;
    // The embedded database has one process, in which one worker starts.
    if (store().kind === "postgres") await fixture.startWorker({ leaseSeconds: 0.4, instanceId: "wrk_2" });
    const first = await leaseOf(id);
    // Renewed four times: longer than it would have lasted by itself.
    let last = first.until;
    for (let renewals = 0; renewals < 4; renewals++) {
      await expect.poll(async () => (await leaseOf(id)).until, { timeout: 10_000 }).not.toBe(last);
      last = (await leaseOf(id)).until;
    }
    expect(await leaseOf(id)).toMatchObject({ owner: first.owner, epoch: first.epoch });
    slow.end();
    expect((await fixture.ended(id)).output).toBe('slow: "done"');
    expect(slow.starts()).toBe(1);
  });

  test("a run that ended, waits or was handed back is leased to nobody", async () => {
    const slow = slowTool();
    fixture = await createRunFixture(store(), { tools: [slow.tool], script: obey });
    const worker = await fixture.startWorker({ graceMs: 5_000 });
    const id = await fixture.start("slow");
    await slow.started;
    // Stopping waits for the tool, records its result, and hands the run back at once.
    const stopped = worker.stop();
    slow.end();
    await stopped;
    const between = await fixture.until(id, () => true);
    expect(between).toMatchObject({ status: "running", toolCalls: [{ status: "succeeded" }] });
    expect(await leaseOf(id)).toMatchObject({ owner: null, until: null });
    await fixture.startWorker();
    await fixture.ended(id);
    expect(await leaseOf(id)).toMatchObject({ owner: null, until: null });
    expect(slow.starts()).toBe(1);
  });

  test("a tool that outlives the grace is unknown afterwards, not failed", async () => {
    const slow = slowTool();
    fixture = await createRunFixture(store(), { tools: [slow.tool], script: obey });
    const worker = await fixture.startWorker({ graceMs: 1, leaseSeconds: 0.3 });
    const id = await fixture.start("slow");
    await slow.started;
    await worker.stop();
    await fixture.startWorker();
    const asking = await fixture.holding(id);
    expect(asking.toolCalls[0]?.status).toBe("unknown");
    expect(asking.holds[0]?.kind).toBe("escalation");
  });
});
