import { createId, type RunControlled } from "@holdpoint/protocol";
import pino from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createWakeups } from "../../src/events/wakeups.ts";
import { controlRun, type ControlRunRequest } from "../../src/runs/control-run.ts";
import { getRun } from "../../src/runs/read-runs.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createGate, type Gate } from "./gate.ts";
import { Halts } from "./halts.ts";
import { createRunFixture, type RunFixture } from "./run-fixture.ts";
import { createTestTools, obey, type TestTools } from "./test-tools.ts";

describeEachStore("an operator takes a run in hand", (store) => {
  let fixture: RunFixture;
  let tools: TestTools;
  let gate: Gate;

  async function arrange(heedsSignal = true): Promise<void> {
    tools = createTestTools();
    gate = createGate(heedsSignal);
    fixture = await createRunFixture(store(), { tools: [...tools.tools, gate.tool], script: obey });
  }
  beforeEach(() => arrange());
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
  const names = () => tools.done.map(({ name }) => name);

  test("pause lets the step in flight end, then stops; resume goes on, and nothing is done twice", async () => {
    await fixture.startWorker();
    const runId = await fixture.start("work then count users");
    await gate.begun;
    expect(await control(runId, "pause")).toMatchObject({ status: "running", pauseRequested: true });
    expect(await control(runId, "pause")).toMatchObject({ pauseRequested: true });
    gate.letGo();
    const paused = await fixture.until(runId, ({ status }) => status === "paused");
    expect(paused).toMatchObject({ pauseRequested: false });
    expect(paused.toolCalls.map(({ status }) => status)).toEqual(["succeeded"]);
    expect(names()).toEqual([]);
    expect(await control(runId, "resume")).toMatchObject({ status: "running" });
    expect(await fixture.ended(runId)).toMatchObject({ status: "completed" });
    expect(names()).toEqual(["count"]);
    expect(await fixture.eventTypes(runId)).toEqual(
      expect.arrayContaining(["run.paused", "run.resumed", "run.completed"]),
    );
  });

  test("a pause that has not taken effect can be taken back", async () => {
    await fixture.startWorker();
    const runId = await fixture.start("work");
    await gate.begun;
    await control(runId, "pause");
    expect(await control(runId, "resume")).toMatchObject({ status: "running", pauseRequested: false });
    gate.letGo();
    expect(await fixture.ended(runId)).toMatchObject({ status: "completed" });
    expect(await fixture.eventTypes(runId)).not.toContain("run.paused");
  });

  test("a pause that is taken back in the moment in which it takes effect: the run goes on", async () => {
    const halts = new Halts();
    const runId = await fixture.start("work then count users");
    const stop = halts.stopAt(runId, { point: "before:pause", occurrence: 1 });
    await fixture.startWorker({ faults: halts });
    await gate.begun;
    await control(runId, "pause");
    gate.letGo();
    await stop.reached;
    await control(runId, "resume");
    stop.letGo();
    expect(await fixture.ended(runId)).toMatchObject({ status: "completed" });
    expect(names()).toEqual(["count"]);
  });

  test("paused while it holds: a decision is kept and nothing runs until it is resumed", async () => {
    await fixture.startWorker();
    const runId = await fixture.start("delete 5");
    const held = await fixture.holding(runId);
    await fixture.until(runId, () => true);
    const asked = await control(runId, "pause");
    if (asked.status !== "paused") await fixture.until(runId, ({ status }) => status === "paused");
    await fixture.approve(held);
    const waiting = await fixture.until(runId, ({ holds }) => holds[0]?.status === "approved");
    expect(waiting).toMatchObject({ status: "paused" });
    expect(names()).toEqual([]);
    await control(runId, "resume");
    expect(await fixture.ended(runId)).toMatchObject({
      status: "completed",
      output: 'delete: {"deleted":5}',
    });
    expect(names()).toEqual(["delete"]);
  });

  test("resumed while its holds are open it holds again", async () => {
    await fixture.startWorker();
    const runId = await fixture.start("delete 5");
    const held = await fixture.holding(runId);
    await control(runId, "pause");
    await fixture.until(runId, ({ status }) => status === "paused");
    expect(await control(runId, "resume")).toMatchObject({ status: "holding" });
    await fixture.approve(held);
    await fixture.ended(runId);
    expect(names()).toEqual(["delete"]);
  });

  test("paused when a lease has lapsed: whoever had it begins nothing any more, should it be alive after all", async () => {
    const reached = Promise.withResolvers<void>();
    const goesOn = Promise.withResolvers<void>();
    const slow = await fixture.startWorker({
      leaseSeconds: 0.3,
      faults: {
        hit(point) {
          if (point !== "before:start") return undefined;
          reached.resolve();
          return goesOn.promise;
        },
      },
    });
    const runId = await fixture.start("count users");
    await reached.promise;
    await slow.stop(); // renews no more
    const { database } = store();
    const hasLapsed = (): Promise<boolean | undefined> =>
      database.transaction(async (tx) => {
        await tx.query("select set_config('hp.org_id', $1, true)", [fixture.organisation.orgId]);
        const [row] = await tx.query<{ lapsed: boolean }>(
          "select lease_until < clock_timestamp() as lapsed from holdpoint.runs where id = $1",
          [runId],
        );
        return row?.lapsed;
      });
    await expect.poll(hasLapsed).toBe(true);
    expect(await control(runId, "pause")).toMatchObject({ status: "paused" });
    goesOn.resolve();
    await expect.poll(() => fixture.logged.join("")).toMatch(/The lease \d+ of run_\w+ is lost/);
    expect(await getRun(database, fixture.organisation.adminHash, runId)).toMatchObject({
      status: "paused",
      toolCalls: [{ status: "proposed", attempt: 0 }],
    });
    await fixture.startWorker();
    await control(runId, "resume");
    expect(await fixture.ended(runId)).toMatchObject({ status: "completed" });
    expect(names()).toEqual(["count"]);
  });

  test("a queued run pauses at its first interrupt point, before the model is asked", async () => {
    const runId = await fixture.start("count users");
    expect(await control(runId, "pause")).toMatchObject({ status: "queued", pauseRequested: true });
    await fixture.startWorker();
    const paused = await fixture.until(runId, ({ status }) => status === "paused");
    expect(paused.messages).toHaveLength(1);
    await control(runId, "resume");
    await fixture.ended(runId);
    expect(names()).toEqual(["count"]);
  });

  test("cancelled before it starts: it never does", async () => {
    const runId = await fixture.start("count users");
    const cancelled = await control(runId, "cancel");
    expect(cancelled).toMatchObject({
      status: "cancelled",
      endReason: "cancelled",
      error: { code: "AgentCancelled", message: `Session ${runId} was cancelled by operator` },
      report: { completed: [], notCompleted: [], unknown: [] },
    });
    await fixture.startWorker();
    const next = await fixture.start("count users");
    await fixture.ended(next);
    expect(names()).toEqual(["count"]);
  });

  test("cancelled while it holds: its holds are closed, its calls too, and who decides is told", async () => {
    await fixture.startWorker();
    const runId = await fixture.start("delete 5; send bob");
    const held = await fixture.holding(runId, 2);
    await fixture.approve(held, 0);
    const cancelled = await control(runId, "cancel");
    expect(cancelled.report).toMatchObject({
      completed: [],
      notCompleted: [{ name: "delete" }, { name: "send" }],
    });
    const run = await getRun(store().database, fixture.organisation.adminHash, runId);
    expect(run.holds.map(({ status, fulfilment }) => `${status} ${fulfilment}`)).toEqual([
      "approved failed",
      "cancelled none",
    ]);
    expect(run.toolCalls.map(({ status }) => status)).toEqual(["cancelled", "cancelled"]);
    await expect(fixture.approve(held, 1)).rejects.toMatchObject({ code: "already_decided" });
    expect(names()).toEqual([]);
    const types = await fixture.eventTypes(runId);
    expect(types.filter((type) => type === "run.cancelled")).toHaveLength(1);
    expect(types.at(-1)).toBe("run.cancelled");
  });

  test("cancelled over a tool in flight: it is told within a moment, and nobody says that it failed", async () => {
    await fixture.startWorker({ leaseSeconds: 60 });
    const runId = await fixture.start("work");
    await gate.begun;
    expect((await control(runId, "cancel")).report?.unknown).toMatchObject([{ name: "work" }]);
    await gate.told;
    const run = await fixture.until(runId, ({ toolCalls }) => toolCalls[0]?.status === "unknown");
    expect(run).toMatchObject({ status: "cancelled" });
    expect(await fixture.eventTypes(runId)).toContain("action.unknown");
  });

  test("cancelled at one instance, the tool on another is told by a wake-up, not by the end of its lease", async () => {
    const elsewhere = await createWakeups({
      database: store().database,
      instanceId: createId("wrk"),
      logger: pino({ level: "silent" }),
    });
    // An embedded database has one instance.
    const wakeups = store().kind === "postgres" ? elsewhere : fixture.wakeups;
    await fixture.startWorker({ leaseSeconds: 600, wakeups });
    const runId = await fixture.start("work");
    await gate.begun;
    await control(runId, "cancel");
    await gate.told;
    await elsewhere.close();
  });

  test("what a tool that goes on all the same reports is kept", async () => {
    await fixture.stop();
    await arrange(false);
    await fixture.startWorker({ leaseSeconds: 60 });
    const runId = await fixture.start("work");
    await gate.begun;
    await control(runId, "cancel");
    await gate.told;
    gate.letGo();
    const run = await fixture.until(runId, ({ toolCalls }) => toolCalls[0]?.status === "succeeded");
    expect(run).toMatchObject({ status: "cancelled", toolCalls: [{ result: "worked" }] });
  });

  test("cancelled with more holds open than anybody guessed: all are closed", async () => {
    await fixture.startWorker();
    const runId = await fixture.start(Array.from({ length: 40 }, () => "send bob").join("; "));
    await fixture.holding(runId, 40);
    await control(runId, "cancel");
    const run = await getRun(store().database, fixture.organisation.adminHash, runId);
    expect(new Set(run.holds.map(({ status }) => status))).toEqual(new Set(["cancelled"]));
    expect((await fixture.eventTypes(runId)).filter((type) => type === "hold.cancelled")).toHaveLength(40);
  });

  test("cancel beats a pause, and a second cancel changes nothing", async () => {
    await fixture.startWorker();
    const runId = await fixture.start("delete 5");
    await fixture.holding(runId);
    await control(runId, "pause");
    await fixture.until(runId, ({ status }) => status === "paused");
    expect(await control(runId, "cancel")).toMatchObject({ status: "cancelled" });
    expect(await control(runId, "cancel")).toMatchObject({ status: "cancelled" });
    expect((await fixture.eventTypes(runId)).filter((type) => type === "run.cancelled")).toHaveLength(1);
    await expect(control(runId, "resume")).rejects.toMatchObject({ code: "run_ended" });
    await expect(control(runId, "pause")).rejects.toMatchObject({ code: "run_ended" });
  });

  test("what has ended cannot be taken in hand, and what runs cannot be resumed", async () => {
    const runId = await fixture.start("count users");
    await expect(control(runId, "resume")).rejects.toMatchObject({ code: "conflict" });
    await fixture.startWorker();
    await fixture.ended(runId);
    for (const action of ["pause", "resume", "cancel", "kill"] as const)
      await expect(control(runId, action)).rejects.toMatchObject({ code: "run_ended" });
    await expect(control("run_nope", "pause")).rejects.toMatchObject({ code: "not_found" });
  });

  test("kill waits for nobody: what is in flight is unknown at once, and a late report counts for nothing", async () => {
    await fixture.stop();
    await arrange(false);
    await fixture.startWorker({ leaseSeconds: 60 });
    const runId = await fixture.start("count users then work");
    await gate.begun;
    const killed = await control(runId, "kill", { reason: "it writes to the wrong disk" });
    expect(killed).toMatchObject({
      status: "cancelled",
      endReason: "killed",
      report: {
        completed: [{ name: "count" }],
        notCompleted: [],
        unknown: [{ name: "work", status: "unknown" }],
      },
    });
    await gate.told;
    gate.letGo();
    const types = await fixture.eventTypes(runId);
    expect(types).toEqual(expect.arrayContaining(["run.killed", "action.unknown"]));
    expect(types).not.toContain("run.cancelled");
    await expect(
      control(runId, "kill", { credentialHash: fixture.organisation.agentHash }),
    ).rejects.toMatchObject({ code: "not_allowed" });
  });

  test("cancel and decide at the same moment, 20 times: one of the two, and nobody waits in a circle", async () => {
    await fixture.startWorker();
    const outcomes = new Set<string>();
    for (let round = 0; round < 20; round++) {
      const runId = await fixture.start("delete 5; send bob");
      const held = await fixture.holding(runId, 2);
      const [decided] = await Promise.allSettled([
        fixture.approve(held, 0),
        control(runId, "cancel"),
        fixture.decide(held.holds[1]?.id ?? "", { verdict: "reject" }),
      ]);
      const run = await getRun(store().database, fixture.organisation.adminHash, runId);
      expect(run.status).toBe("cancelled");
      expect(run.holds[0]?.status).toBe(decided.status === "fulfilled" ? "approved" : "cancelled");
      outcomes.add(decided.status);
    }
    expect(names().length).toBeLessThanOrEqual(20);
    expect(outcomes.size).toBeGreaterThan(0);
  });
});
