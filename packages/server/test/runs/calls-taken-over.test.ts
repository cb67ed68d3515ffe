/*
 * Breaks, if it is wrong: I1 and I2 (what a person answered for must never start), I3 (the hold of such a call has one outcome),
 * I11 (each call keeps exactly one result).
 */
import {
  nextStatus,
  TOOL_CALL_LEGALITY,
  TOOL_CALL_STATUSES,
  type Run,
  type ToolCall,
  type ToolCallStatus,
} from "@holdpoint/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { defineTool } from "../../src/agents/tool.ts";
import { controlRun } from "../../src/runs/control-run.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, dieAt, type RunFixture } from "./run-fixture.ts";
import { steering, type Steering } from "./steering.ts";
import { createTestTools, obey, type TestTools } from "./test-tools.ts";

const BY_HAND = { result: { deleted: 5 }, reason: "Done in the console of the database." };

describeEachStore("a call that a person takes over or withdraws", (store) => {
  let fixture: RunFixture;
  let tools: TestTools;
  let steer: Steering;
  let asked: number;

  beforeEach(async () => {
    tools = createTestTools();
    asked = 0;
    const ask = defineTool({
      name: "ask",
      description: "Does a part, then asks.",
      input: z.object({}),
      reversibility: "reversible",
      async execute(_args, context) {
        asked += 1;
        return context.ask.choice("seat", ["aisle", "window"]);
      },
    });
    const agent = { tools: [...tools.tools, ask], script: obey };
    fixture = await createRunFixture(store(), agent);
    steer = steering(store(), fixture, agent);
  });
  afterEach(() => fixture.stop());

  const names = (): string[] => tools.done.map(({ name }) => name);
  const callOf = (run: Run, index = 0): ToolCall => {
    const call = run.toolCalls[index];
    if (call === undefined) throw new Error(`There is no call ${index}.`);
    return call;
  };
  const control = (runId: string, action: "pause" | "resume" | "cancel" | "kill") =>
    controlRun(
      { database: store().database, wakeups: fixture.wakeups },
      { credentialHash: fixture.organisation.adminHash, runId, action, reason: "by test" },
    );

  test("gated: its hold is closed with the reason, nothing executes, and the model gets the result by hand", async () => {
    await fixture.startWorker();
    const runId = await fixture.start("delete 5");
    const held = await fixture.holding(runId);
    const call = await steer.give(runId, callOf(held).id, BY_HAND);
    expect(call).toMatchObject({
      status: "succeeded",
      result: { deleted: 5 },
      attempt: 0,
      steered: { action: "taken_over", by: { id: fixture.organisation.adminId }, reason: BY_HAND.reason },
    });
    const run = await fixture.ended(runId);
    expect(run.output).toBe('delete: {"deleted":5}');
    expect(run.holds).toMatchObject([
      { status: "cancelled", fulfilment: "none", outcome: { comment: BY_HAND.reason, by: { name: "Ada" } } },
    ]);
    expect(names()).toEqual([]);
    expect(JSON.stringify(run.messages)).toContain("An operator took over 'delete'");
    await expect(fixture.approve(held)).rejects.toMatchObject({ code: "already_decided" });
    const types = await fixture.eventTypes(runId);
    expect(types.filter((type) => /taken_over|hold\.cancelled/.test(type))).toEqual([
      "hold.cancelled",
      "action.taken_over",
    ]);
  });

  test("gated, given as failed: the model is told what the person says", async () => {
    await fixture.startWorker();
    const runId = await fixture.start("delete 5");
    const held = await fixture.holding(runId);
    await steer.give(runId, callOf(held).id, { error: "The table is locked.", reason: "tried by hand" });
    const run = await fixture.ended(runId);
    expect(run.toolCalls).toMatchObject([{ status: "failed", error: { message: "The table is locked." } }]);
    expect(run.output).toContain("reports that it failed: The table is locked.");
  });

  test("approved and not started: it never starts; its siblings go on as decided (I11)", async () => {
    await fixture.startWorker();
    const runId = await fixture.start("delete 5; send bob");
    const held = await fixture.holding(runId, 2);
    await fixture.approve(held, 0);
    const waiting = await fixture.until(runId, ({ toolCalls }) => toolCalls[0]?.status === "approved");
    await steer.give(runId, callOf(waiting).id, BY_HAND);
    await fixture.approve(await fixture.holding(runId));
    const run = await fixture.ended(runId);
    expect(names()).toEqual(["send"]);
    expect(run.output).toBe('delete: {"deleted":5}\nsend: "sent"');
    expect(run.holds[0]).toMatchObject({
      status: "approved",
      fulfilment: "failed",
      execution: { error: { code: "taken_over" } },
    });
  });

  test("proposed while the run is paused: it does not proceed by itself after it is resumed", async () => {
    const reached = Promise.withResolvers<void>();
    const goesOn = Promise.withResolvers<void>();
    const worker = await fixture.startWorker({
      faults: {
        hit(point) {
          if (point !== "after:turn") return undefined;
          reached.resolve();
          return goesOn.promise;
        },
      },
    });
    const runId = await fixture.start("count users");
    await reached.promise;
    await control(runId, "pause");
    goesOn.resolve();
    const paused = await fixture.until(runId, ({ status }) => status === "paused");
    expect(callOf(paused)).toMatchObject({ status: "proposed" });
    await steer.give(runId, callOf(paused).id, { result: { count: 1 }, reason: "counted by hand" });
    expect(await fixture.until(runId, () => true)).toMatchObject({ status: "paused" });
    await control(runId, "resume");
    expect(await fixture.ended(runId)).toMatchObject({ output: 'count: {"count":1}' });
    expect(names()).toEqual([]);
    await worker.stop();
  });

  test("suspended: its question is withdrawn and it is not started again", async () => {
    await fixture.startWorker();
    const runId = await fixture.start("ask");
    const held = await fixture.holding(runId);
    await steer.give(runId, callOf(held).id, { result: "aisle", reason: "known from the phone" });
    const run = await fixture.ended(runId);
    expect(run.output).toBe('ask: "aisle"');
    expect(run.holds).toMatchObject([{ kind: "clarification", status: "cancelled" }]);
    expect(asked).toBe(1);
  });

  test("suspended and withdrawn: the model is told that a part may have happened", async () => {
    await fixture.startWorker();
    const runId = await fixture.start("ask");
    const held = await fixture.holding(runId);
    expect(await steer.withdraw(runId, callOf(held).id, "not needed")).toMatchObject({ status: "cancelled" });
    const run = await fixture.ended(runId);
    expect(run.output).toContain("was withdrawn by an operator after it had begun");
    expect(run.output).toContain("Reason: not needed");
    expect(asked).toBe(1);
  });

  test("withdrawn while it is gated or approved: not executed, and the model is told why", async () => {
    await fixture.startWorker();
    const runId = await fixture.start("delete 5; send bob");
    const held = await fixture.holding(runId, 2);
    await fixture.approve(held, 1);
    await fixture.until(runId, ({ toolCalls }) => toolCalls[1]?.status === "approved");
    await steer.withdraw(runId, callOf(held, 1).id, "bob has left");
    await steer.withdraw(runId, callOf(held, 0).id, "keep them");
    const run = await fixture.ended(runId);
    expect(names()).toEqual([]);
    expect(run.toolCalls).toMatchObject([
      { status: "cancelled", error: { code: "withdrawn" }, steered: { action: "withdrawn" } },
      { status: "cancelled", error: { code: "withdrawn" } },
    ]);
    expect(run.output).toContain("'delete' was withdrawn by an operator and not executed");
    expect(run.holds.map(({ status, fulfilment }) => `${status} ${fulfilment}`)).toEqual([
      "cancelled none",
      "approved failed",
    ]);
    expect(await fixture.eventTypes(runId)).toContain("action.withdrawn");
  });

  test("unknown: the given result settles it, the question about it is closed, and it is not run again", async () => {
    const faults = dieAt("executed");
    const mortal = await fixture.startWorker({ faults, leaseSeconds: 0.3 });
    const runId = await fixture.start("delete 5");
    await fixture.approve(await fixture.holding(runId));
    await faults.died;
    await mortal.stop();
    await fixture.startWorker();
    const asking = await fixture.holding(runId);
    expect(callOf(asking)).toMatchObject({ status: "unknown" });
    await expect(steer.withdraw(runId, callOf(asking).id, "no")).rejects.toMatchObject({ code: "conflict" });
    await steer.give(runId, callOf(asking).id, BY_HAND);
    const run = await fixture.ended(runId);
    expect(run.output).toBe('delete: {"deleted":5}');
    expect(run.holds.map(({ kind, status, fulfilment }) => `${kind} ${status} ${fulfilment}`)).toEqual([
      "approval approved executed",
      "escalation cancelled none",
    ]);
    expect(names()).toEqual(["delete"]);
  });

  test("of a run that was ended over it: the unknown call can be settled, everything else stays", async () => {
    const faults = dieAt("executed", 2);
    const mortal = await fixture.startWorker({ faults, leaseSeconds: 0.3 });
    const runId = await fixture.start("count users then delete 5; send bob");
    await fixture.approve(await fixture.holding(runId, 2), 0);
    await fixture.approve(await fixture.holding(runId, 1), 0);
    await faults.died;
    await mortal.stop();
    await control(runId, "kill");
    const killed = await fixture.until(runId, () => true);
    const unknown = killed.toolCalls.find(({ status }) => status === "unknown");
    expect(await steer.give(runId, unknown?.id ?? "", BY_HAND)).toMatchObject({ status: "succeeded" });
    await expect(steer.give(runId, callOf(killed, 2).id, BY_HAND)).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await fixture.until(runId, () => true)).toMatchObject({ status: "cancelled" });
  });

  test("executing, ended or unknown to the run: refused, and nothing changes", async () => {
    const running = Promise.withResolvers<void>();
    const goesOn = Promise.withResolvers<void>();
    await fixture.startWorker({
      faults: {
        hit(point) {
          if (point !== "executed") return undefined;
          running.resolve();
          return goesOn.promise;
        },
      },
    });
    const runId = await fixture.start("count users");
    await running.promise;
    const call = callOf(await fixture.until(runId, () => true));
    await expect(steer.give(runId, call.id, BY_HAND)).rejects.toThrow(/is executing at this moment/);
    await expect(steer.withdraw(runId, call.id, "no")).rejects.toMatchObject({ code: "conflict" });
    goesOn.resolve();
    await fixture.ended(runId);
    await expect(steer.give(runId, call.id, BY_HAND)).rejects.toThrow(/is succeeded already/);
    await expect(steer.give(runId, "call_nope", BY_HAND)).rejects.toMatchObject({ code: "not_found" });
  });

  test("repeated with the same key it is the same; another one comes too late", async () => {
    await fixture.startWorker();
    const runId = await fixture.start("delete 5; send bob");
    const held = await fixture.holding(runId, 2);
    const idempotency = { key: "k1", bodyHash: "b1" };
    const first = await steer.give(runId, callOf(held).id, BY_HAND, { idempotency });
    expect(await steer.give(runId, callOf(held).id, BY_HAND, { idempotency })).toEqual(first);
    await expect(
      steer.give(runId, callOf(held).id, BY_HAND, { idempotency: { key: "k1", bodyHash: "b2" } }),
    ).rejects.toMatchObject({ code: "idempotency_mismatch" });
    await expect(steer.give(runId, callOf(held).id, BY_HAND)).rejects.toMatchObject({ code: "conflict" });
    expect((await fixture.eventTypes(runId)).filter((type) => type === "action.taken_over")).toHaveLength(1);
  });

  test("who may: no agent key takes a call over; its agent may withdraw it; a reviewer neither", async () => {
    await fixture.startWorker();
    const runId = await fixture.start("delete 5");
    const { id } = callOf(await fixture.holding(runId));
    const { agentHash, reviewerHash } = fixture.organisation;
    await expect(steer.give(runId, id, BY_HAND, { credentialHash: agentHash })).rejects.toMatchObject({
      code: "not_allowed",
    });
    await expect(steer.give(runId, id, BY_HAND, { credentialHash: reviewerHash })).rejects.toMatchObject({
      code: "not_allowed",
    });
    await expect(steer.withdraw(runId, id, "no", { credentialHash: reviewerHash })).rejects.toMatchObject({
      code: "not_allowed",
    });
    // The same key, once it is another agent's.
    const bindTo = (agentId: string | null) =>
      store().database.ownerSession(async (owner) => {
        await owner.query("begin");
        await owner.query("set local role hp_definer");
        await owner.query("update holdpoint.api_keys set agent_id = $2 where hash = $1", [
          agentHash,
          agentId,
        ]);
        await owner.query("commit");
      });
    await bindTo("somebody_else");
    await expect(steer.withdraw(runId, id, "no", { credentialHash: agentHash })).rejects.toMatchObject({
      code: "not_found",
    });
    await bindTo(null);
    expect(await steer.withdraw(runId, id, "no", { credentialHash: agentHash })).toMatchObject({
      status: "cancelled",
      steered: { by: { kind: "agent" } },
    });
    await fixture.ended(runId);
  });

  test("the guard in the database agrees with the legality table, state by state", async () => {
    await fixture.startWorker();
    const runId = await fixture.start("delete 5");
    const { id } = callOf(await fixture.holding(runId));
    const becomes = (status: ToolCallStatus): Promise<void> =>
      store().database.ownerSession(async (owner) => {
        await owner.query("begin");
        await owner.query("set local role hp_definer");
        await owner.query("update holdpoint.tool_calls set status = $2, steered = null where id = $1", [
          id,
          status,
        ]);
        await owner.query("commit");
      });
    await control(runId, "pause");
    await fixture.until(runId, ({ status }) => status === "paused");
    const outcomeOf = async (status: ToolCallStatus, command: () => Promise<ToolCall>) => {
      await becomes(status);
      return command().then(
        (call) => call.status,
        () => undefined,
      );
    };
    for (const status of TOOL_CALL_STATUSES) {
      const given = await outcomeOf(status, () => steer.give(runId, id, BY_HAND));
      const failed = await outcomeOf(status, () => steer.give(runId, id, { error: "no", reason: "no" }));
      const withdrawn = await outcomeOf(status, () => steer.withdraw(runId, id, "no"));
      expect([status, given, failed, withdrawn]).toEqual([
        status,
        nextStatus<ToolCallStatus>(TOOL_CALL_LEGALITY.takeOver, status),
        nextStatus<ToolCallStatus>(TOOL_CALL_LEGALITY.takeOverFailed, status),
        nextStatus<ToolCallStatus>(TOOL_CALL_LEGALITY.cancel, status),
      ]);
    }
  });

  test("taken over and approved at the same moment, 20 times: executed or given, never both", async () => {
    await fixture.startWorker();
    for (let round = 0; round < 20; round++) {
      const before = names().length;
      const runId = await fixture.start("delete 5; send bob");
      const held = await fixture.holding(runId, 2);
      await fixture.decide(held.holds[1]?.id ?? "", { verdict: "reject" });
      const [given] = await Promise.allSettled([
        steer.give(runId, callOf(held).id, BY_HAND),
        fixture.approve(held, 0),
      ]);
      const run = await fixture.ended(runId);
      expect(run.toolCalls[0]).toMatchObject({ status: "succeeded", result: { deleted: 5 } });
      const executed = names().length - before;
      if (given.status === "fulfilled") expect(executed).toBe(0);
      else {
        expect(given.reason).toMatchObject({ code: "conflict" });
        expect(executed).toBe(1);
      }
    }
  });
});
