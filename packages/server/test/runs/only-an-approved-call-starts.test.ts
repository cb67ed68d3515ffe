// The guard of start_call_v1 alone, as if the worker above it looked at nothing (I1, I2).
import { createId, type Run } from "@holdpoint/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newHoldRow } from "../../src/holds/new-hold.ts";
import { evaluateQuestion } from "../../src/policies/evaluate-question.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, type RunFixture } from "./run-fixture.ts";
import { createTestTools, obey } from "./test-tools.ts";

const EPOCH = 41;

describeEachStore("start_call_v1 starts nothing but what was approved", (store) => {
  let fixture: RunFixture;
  let run: Run;

  // A held call whose worker has stopped; the lease is ours.
  beforeEach(async () => {
    fixture = await createRunFixture(store(), { tools: createTestTools().tools, script: obey });
    const worker = await fixture.startWorker();
    run = await fixture.holding(await fixture.start("delete 5"));
    await worker.stop();
    await sql("update holdpoint.runs set lease_epoch = $2, lease_owner = 'test' where id = $1", [
      run.id,
      EPOCH,
    ]);
  });
  afterEach(() => fixture.stop());

  async function sql(text: string, values: unknown[]): Promise<Record<string, unknown>[]> {
    return store().database.ownerSession(async (owner) => {
      await owner.query("begin");
      await owner.query("set local role hp_definer");
      const { rows } = await owner.query<Record<string, unknown>>(text, values);
      await owner.query("commit");
      return rows;
    });
  }

  async function start(different: Record<string, unknown> = {}): Promise<{ code: string }> {
    return (await store().database.call("start_call_v1", {
      orgId: fixture.organisation.orgId,
      runId: run.id,
      epoch: EPOCH,
      callId: run.toolCalls[0]?.id,
      claimId: createId("clm"),
      eventId: createId("evt"),
      actionHash: run.holds[0]?.action?.hash,
      isAutomatic: false,
      because: null,
      lifetimeSeconds: 300,
      reasons: [],
      ...different,
    })) as { code: string };
  }
  const claims = (): Promise<unknown[]> => sql("select id from holdpoint.claims where run_id = $1", [run.id]);

  test("nothing while it waits, whatever the worker says", async () => {
    expect((await start()).code).toBe("not_approved");
    expect((await start({ isAutomatic: true })).code).toBe("not_approved");
    expect((await start({ because: "answered" })).code).toBe("not_approved");
    expect(await claims()).toEqual([]);
  });

  test.each([["rejected", { verdict: "reject" }] as const, ["skipped", { verdict: "skip" }] as const])(
    "nothing that was %s",
    async (_, decision) => {
      await fixture.decide(run.holds[0]?.id ?? "", decision);
      expect((await start()).code).toBe("not_approved");
      expect((await start({ isAutomatic: true })).code).toBe("not_approved");
      expect(await claims()).toEqual([]);
    },
  );

  test("once approved: not with other bytes, not by a worker whose lease is gone, and exactly once", async () => {
    await fixture.approve(run);
    expect((await start({ actionHash: `sha256:${"0".repeat(64)}` })).code).toBe("action_changed");
    expect((await start({ epoch: EPOCH - 1 })).code).toBe("lost");
    expect(await claims()).toEqual([]);
    expect((await start()).code).toBe("ok");
    for (const because of [null, "answered"]) expect((await start({ because })).code).toBe("not_approved");
    expect(await claims()).toHaveLength(1);
  });

  test("a call whose outcome is unknown: only because a person said so, about that attempt", async () => {
    await fixture.approve(run);
    expect((await start()).code).toBe("ok");
    await sql("update holdpoint.tool_calls set status = 'unknown' where run_id = $1", [run.id]);
    expect((await start()).code).toBe("not_approved");
    expect((await start({ because: "answered" })).code).toBe("not_approved");
    expect(await claims()).toHaveLength(1);
  });

  /** As a worker does whose call asks something in that attempt. */
  async function suspend(attempt: number): Promise<{ code: string; holdId: string }> {
    const evaluation = evaluateQuestion("clarification", {}, []);
    const holdId = createId("hold");
    const callId = run.toolCalls[0]?.id;
    const question = { type: "verification" };
    const row = newHoldRow({ id: holdId, kind: "clarification", evaluation, question, toolCallId: callId });
    const { code } = (await store().database.call("commit_run_v1", {
      orgId: fixture.organisation.orgId,
      runId: run.id,
      epoch: EPOCH,
      commitId: createId("evt"),
      callChanges: [{ id: callId, from: "executing", status: "suspended", attempt }],
      holds: [{ row, timeoutSeconds: 60, respondSeconds: 60, eventId: createId("evt") }],
      asks: [{ id: createId("ask"), callId, key: "sure", occurrence: 1, questionHash: "h", holdId, attempt }],
    })) as { code: string };
    return { code, holdId };
  }

  test("a suspended call: only when nothing that it asked is open, by nothing but that, and once (I2)", async () => {
    await fixture.approve(run);
    expect((await start({ because: "resumed" })).code).toBe("not_approved");
    expect((await start()).code).toBe("ok");
    expect((await start({ because: "resumed" })).code).toBe("not_approved");
    const { code, holdId } = await suspend(1);
    expect(code).toBe("ok");
    for (const because of [null, "answered", "idempotent", "resumed"])
      expect([because, (await start({ because })).code]).toEqual([because, "not_approved"]);
    expect((await suspend(1)).code).toBe("conflict");
    await fixture.decide(holdId, { verdict: "reject" });
    for (const because of [null, "answered", "idempotent"])
      expect([because, (await start({ because })).code]).toEqual([because, "not_approved"]);
    const other = `sha256:${"0".repeat(64)}`;
    expect((await start({ because: "resumed", actionHash: other })).code).toBe("action_changed");
    expect(await claims()).toHaveLength(1);
    expect(await start({ because: "resumed" })).toMatchObject({
      code: "ok",
      attempt: 2,
      arguments: { count: 5 },
      earlier: { asks: [{ key: "sure", status: "rejected" }], once: {} },
    });
    expect((await start({ because: "resumed" })).code).toBe("not_approved");
    // What is left of the first attempt asks nothing more.
    expect((await suspend(1)).code).toBe("conflict");
    expect((await suspend(2)).code).toBe("ok");
    expect(await claims()).toHaveLength(2);
  });
});
