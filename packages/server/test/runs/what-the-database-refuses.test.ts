// The guards of the journal's functions alone, as if whoever calls them looked at nothing (I2, I3, I5, I6).
import { createId, type Run } from "@holdpoint/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, type RunFixture } from "./run-fixture.ts";
import { createTestTools, obey } from "./test-tools.ts";

const EPOCH = 41;

describeEachStore("the journal of a run", (store) => {
  let fixture: RunFixture;
  let run: Run;

  // A held call whose worker has stopped; the lease is ours.
  beforeEach(async () => {
    fixture = await createRunFixture(store(), { tools: createTestTools().tools, script: obey });
    const worker = await fixture.startWorker();
    run = await fixture.holding(await fixture.start("delete 5"));
    await worker.stop();
    await set("lease_epoch = $3, lease_owner = 'test'", EPOCH);
  });
  afterEach(() => fixture.stop());

  async function set(columns: string, ...values: unknown[]): Promise<void> {
    await store().database.ownerSession(async (owner) => {
      await owner.query(`update holdpoint.runs set ${columns} where org_id = $1 and id = $2`, [
        fixture.organisation.orgId,
        run.id,
        ...values,
      ]);
    });
  }

  const ofRun = () => ({ orgId: fixture.organisation.orgId, runId: run.id });

  async function commit(parts: object): Promise<string> {
    const command = { ...ofRun(), epoch: EPOCH, commitId: createId("evt"), ...parts };
    return ((await store().database.call("commit_run_v1", command)) as { code: string }).code;
  }

  const saying = {
    messages: [{ id: createId("msg"), role: "user", message: { role: "user", content: "x" } }],
  };

  test("takes no commit of a worker whose lease is gone, or of a run that has ended", async () => {
    const before = (await fixture.until(run.id, () => true)).messages;
    expect(await commit({ epoch: EPOCH - 1, ...saying })).toBe("lost");
    for (const status of ["completed", "failed", "cancelled"]) {
      await set("status = $3", status);
      expect(await commit(saying)).toBe("lost");
    }
    await set("status = 'holding'");
    expect((await fixture.until(run.id, () => true)).messages).toEqual(before);
    expect(await commit(saying)).toBe("ok");
  });

  test("takes no commit that takes run or call for another state than they are in", async () => {
    expect(await commit({ run: { from: "running", status: "completed" } })).toBe("conflict");
    const change = { id: run.toolCalls[0]?.id, status: "failed", error: { code: "x", message: "x" } };
    expect(await commit({ callChanges: [{ ...change, from: "proposed" }] })).toBe("conflict");
    expect(await commit({ callChanges: [{ ...change, from: "gated", attempt: 7 }] })).toBe("conflict");
    expect((await fixture.until(run.id, () => true)).toolCalls[0]?.status).toBe("gated");
  });

  test("keeps what must not be done twice as it was kept first (I2)", async () => {
    const keep = async (value: unknown): Promise<unknown> =>
      (
        (await store().database.call("keep_once_v1", {
          ...ofRun(),
          callId: run.toolCalls[0]?.id,
          attempt: 1,
          name: "charge",
          value,
        })) as { value: unknown }
      ).value;
    expect(await keep({ charge: 1 })).toEqual({ charge: 1 });
    expect(await keep({ charge: 2 })).toEqual({ charge: 1 });
  });

  test("a sign-in that was decided or is over is not settled by one who comes late (I3, I6)", async () => {
    const holdId = run.holds[0]?.id ?? "";
    const settle = async (): Promise<string> =>
      (
        (await store().database.call("settle_authorization_v1", {
          orgId: fixture.organisation.orgId,
          holdId,
          verdict: "answer",
          via: "readiness",
          eventId: createId("evt"),
        })) as { code: string }
      ).code;
    const setHold = (columns: string): Promise<unknown> =>
      store().database.ownerSession((owner) =>
        owner.query(`update holdpoint.holds set ${columns} where org_id = $1 and id = $2`, [
          fixture.organisation.orgId,
          holdId,
        ]),
      );
    expect(await settle()).toBe("not_pending"); // an approval
    await setHold("kind = 'authorization', expires_at = created_at");
    expect(await settle()).toBe("not_pending");
    await setHold("expires_at = null, status = 'rejected'");
    expect(await settle()).toBe("not_pending");
    await setHold("status = 'pending'");
    expect(await settle()).toBe("ok");
    expect(await settle()).toBe("not_pending");
  });
});
