import type { RunControlled } from "@holdpoint/protocol";
import pino from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createFleetWatch } from "../../src/fleet/fleet-watch.ts";
import { controlRun, type ControlRunRequest } from "../../src/runs/control-run.ts";
import { getRun } from "../../src/runs/read-runs.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createGate, type Gate } from "./gate.ts";
import { createRunFixture, type RunFixture } from "./run-fixture.ts";
import { createTestTools, obey } from "./test-tools.ts";

describeEachStore("what a lost process or a lost answer leaves behind", (store) => {
  let fixture: RunFixture;
  let gate: Gate;
  beforeEach(async () => {
    gate = createGate(false);
    const { tools } = createTestTools();
    fixture = await createRunFixture(store(), { tools: [...tools, gate.tool], script: obey });
  });
  afterEach(async () => {
    gate.letGo();
    await fixture.stop();
  });

  const control = (
    runId: string,
    action: ControlRunRequest["action"],
    more: Partial<ControlRunRequest> = {},
  ): Promise<RunControlled> =>
    controlRun(
      { database: store().database, wakeups: fixture.wakeups },
      { credentialHash: fixture.organisation.adminHash, runId, action, reason: "by test", ...more },
    );

  // I2: a start that nobody can account for is unknown, also where the run is over.
  test("cancelled over a tool whose process then dies: unknown once its lease has lapsed, and not before", async () => {
    const worker = await fixture.startWorker({ leaseSeconds: 3 });
    const { database } = store();
    const watch = createFleetWatch({ database, wakeups: fixture.wakeups, logger: pino({ level: "silent" }) });
    const runId = await fixture.start("work");
    await gate.begun;
    await control(runId, "cancel");
    await gate.told;
    // Alive, it keeps the lease for as long as the tool goes on: it is renewed.
    const leaseUntil = (): Promise<number> =>
      database.transaction(async (tx) => {
        await tx.query("select set_config('hp.org_id', $1, true)", [fixture.organisation.orgId]);
        const [row] = await tx.query<{ ms: number }>(
          "select extract(epoch from lease_until)::double precision * 1000 as ms from holdpoint.runs where id = $1",
          [runId],
        );
        return row?.ms ?? Number.NaN;
      });
    const first = await leaseUntil();
    await expect
      .poll(async () => watch.look().then(leaseUntil), { timeout: 10_000 })
      .toBeGreaterThan(first + 1_500);
    expect(await getRun(database, fixture.organisation.adminHash, runId)).toMatchObject({
      toolCalls: [{ status: "executing" }],
    });
    await worker.stop(); // renews no more
    await expect
      .poll(
        async () => {
          await watch.look();
          return (await getRun(database, fixture.organisation.adminHash, runId)).toolCalls[0]?.status;
        },
        { timeout: 10_000 },
      )
      .toBe("unknown");
    const types = await fixture.eventTypes(runId);
    expect(types.filter((type) => type === "action.unknown")).toHaveLength(1);
    await watch.look();
    expect(await fixture.eventTypes(runId)).toEqual(types);
  });

  test("cancelled over a tool, and the embedded service is started anew: unknown at once", async () => {
    if (store().kind === "postgres") return;
    const worker = await fixture.startWorker({ leaseSeconds: 600 });
    const { database } = store();
    const runId = await fixture.start("work");
    await gate.begun;
    await control(runId, "cancel");
    await worker.stop();
    await fixture.startWorker();
    await createFleetWatch({ database, wakeups: fixture.wakeups, logger: pino({ level: "silent" }) }).look();
    expect(await getRun(database, fixture.organisation.adminHash, runId)).toMatchObject({
      toolCalls: [{ status: "unknown" }],
    });
  });

  test("resume and pause repeated by whoever lost the answer are the same ones, and not somebody's later", async () => {
    await fixture.startWorker();
    const runId = await fixture.start("work");
    await gate.begun;
    await control(runId, "pause", { key: "p1" });
    expect(await control(runId, "resume", { key: "r1" })).toMatchObject({ pauseRequested: false });
    expect(await control(runId, "resume", { key: "r1" })).toMatchObject({
      status: "running",
      pauseRequested: false,
    });
    await expect(control(runId, "resume", { key: "r2" })).rejects.toMatchObject({ code: "conflict" });
    gate.letGo();
    await fixture.ended(runId);
    const held = await fixture.start("delete 5");
    await fixture.holding(held);
    await control(held, "pause", { key: "p2" });
    await fixture.until(held, ({ status }) => status === "paused");
    expect(await control(held, "resume", { key: "r3" })).toMatchObject({ status: "holding" });
    expect(await control(held, "resume", { key: "r3" })).toMatchObject({ status: "holding" });
    expect((await fixture.eventTypes(held)).filter((type) => type === "run.resumed")).toHaveLength(1);
  });
});
