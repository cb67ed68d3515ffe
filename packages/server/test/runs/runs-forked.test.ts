/*
 * Breaks, if it is wrong: I2 (what was executed is not executed again), I1 (a result that is taken over starts nothing), I11 (the
 * fork's messages are those of the run, whole turns).
 */
import type { Run } from "@holdpoint/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import type { ModelObject } from "../../src/agents/agent.ts";
import { scriptedModel, type Script } from "../../src/agents/models/scripted-model.ts";
import { defineTool } from "../../src/agents/tool.ts";
import { controlRun } from "../../src/runs/control-run.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { answer, question } from "../clarifications/asking-fixture.ts";
import { createRunFixture, dieAt, type FixtureAgent, type RunFixture } from "./run-fixture.ts";
import { steering, type Steering } from "./steering.ts";
import { createTestTools, obey, type TestTools } from "./test-tools.ts";

describeEachStore("a run that goes on from a step of another", (store) => {
  let fixture: RunFixture;
  let tools: TestTools;
  let steer: Steering;
  /** What the model was shown, each time it was asked. */
  let prompts: unknown[][];
  let reserved: number;

  beforeEach(async () => {
    tools = createTestTools();
    prompts = [];
    reserved = 0;
    const book = defineTool({
      name: "book",
      description: "Reserves, then asks.",
      input: z.object({}),
      reversibility: "reversible",
      async execute(_args, { once, ask }) {
        const number = await once("reserve", () => {
          reserved += 1;
          return reserved;
        });
        return { number, seat: await ask.choice("seat", ["aisle", "window"]) };
      },
    });
    const agent: FixtureAgent = { tools: [...tools.tools, book], model: recording(obey) };
    fixture = await createRunFixture(store(), agent);
    steer = steering(store(), fixture, agent);
    await fixture.startWorker();
  });
  afterEach(() => fixture.stop());

  function recording(script: Script): ModelObject {
    let calls = 0;
    const model = scriptedModel(script, "recorded", () => `c${(calls += 1)}`);
    return {
      ...model,
      doStream(options: Parameters<typeof model.doStream>[0]) {
        prompts.push(options.prompt.filter(({ role }) => role !== "system"));
        return model.doStream(options);
      },
    };
  }
  const names = (): string[] => tools.done.map(({ name }) => name);
  const cancel = (runId: string) =>
    controlRun(
      { database: store().database, wakeups: fixture.wakeups },
      { credentialHash: fixture.organisation.adminHash, runId, action: "cancel", reason: "by test" },
    );
  /** Two turns and an answer; the second is a deletion that somebody approves. */
  async function original(): Promise<Run> {
    const runId = await fixture.start("count users then delete 5", { sessionId: "s1" });
    await fixture.approve(await fixture.holding(runId));
    return fixture.ended(runId);
  }

  test("is told exactly what the model was told then, and repeats nothing that was executed since", async () => {
    const first = await original();
    const asked = structuredClone(prompts[1]);
    prompts.length = 0;
    const forked = await steer.fork(first.id, { fromStep: 2, reason: "look again" });
    expect(forked).toMatchObject({
      forkedFrom: { runId: first.id, step: 2 },
      sessionId: "s1",
      agentId: "tester",
      input: first.input,
    });
    const run = await fixture.ended(forked.id);
    expect(prompts[0]).toEqual(asked);
    expect(run).toMatchObject({ status: "completed", output: first.output, holds: [] });
    expect(run.toolCalls).toMatchObject([
      {
        name: "delete",
        status: "succeeded",
        attempt: 0,
        result: { deleted: 5 },
        reusedFrom: { runId: first.id, toolCallId: first.toolCalls[1]?.id },
      },
    ]);
    expect(names()).toEqual(["count", "delete"]);
    const types = await fixture.eventTypes(run.id);
    expect(types).toEqual([
      "run.forked",
      "run.started",
      "run.step",
      "action.reused",
      "run.step",
      "run.completed",
    ]);
    expect(await fixture.until(first.id, () => true)).toMatchObject({ forks: [run.id], status: "completed" });
  });

  test("from the first step, with another task: what is the same is taken over, the rest is done", async () => {
    const first = await original();
    const { id } = await steer.fork(first.id, {
      fromStep: 1,
      message: "count users then delete 5 then delete 7",
    });
    const held = await fixture.holding(id);
    expect(held.toolCalls.map(({ reusedFrom }) => reusedFrom !== null)).toEqual([true, true, false]);
    expect(held.messages.slice(0, 2)).toEqual([
      { role: "user", content: first.input },
      { role: "user", content: "count users then delete 5 then delete 7" },
    ]);
    await fixture.approve(held);
    await fixture.ended(id);
    expect(tools.done.map(({ arguments: args }) => (args as { count?: number }).count)).toEqual([
      undefined,
      5,
      7,
    ]);
  });

  test("each is taken over once: asked for a second time it is done a second time", async () => {
    const first = await original();
    const { id } = await steer.fork(first.id, { fromStep: 2, message: "delete 5; delete 5" });
    const held = await fixture.holding(id);
    expect(held.toolCalls.map(({ status }) => status)).toEqual(["succeeded", "gated"]);
    await fixture.approve(held);
    await fixture.ended(id);
    expect(names()).toEqual(["count", "delete", "delete"]);
  });

  test("what a reviewer changed counts as it was executed and as it was proposed", async () => {
    const runId = await fixture.start("delete 5");
    const held = await fixture.holding(runId);
    const [hold] = held.holds;
    await fixture.decide(hold?.id ?? "", {
      verdict: "modify",
      modifications: { count: 3 },
      actionHash: hold?.action?.hash ?? "",
    });
    await fixture.ended(runId);
    const { id } = await steer.fork(runId, { fromStep: 1 });
    const run = await fixture.ended(id);
    expect(run.toolCalls).toMatchObject([
      { status: "succeeded", result: { executedWith: { count: 3 }, result: { deleted: 3 } } },
    ]);
    expect(names()).toEqual(["delete"]);
  });

  test("a fork of a fork knows what neither of the two has come to", async () => {
    const first = await original();
    const second = await fixture.ended(
      (await steer.fork(first.id, { fromStep: 1, message: "count users" })).id,
    );
    expect(second.toolCalls.map(({ reusedFrom }) => reusedFrom?.runId)).toEqual([first.id]);
    const third = await fixture.ended(
      (await steer.fork(second.id, { fromStep: 1, message: "count users then delete 5" })).id,
    );
    expect(third.toolCalls.map(({ reusedFrom }) => reusedFrom?.runId)).toEqual([second.id, first.id]);
    expect(names()).toEqual(["count", "delete"]);
  });

  test("what had begun and was cancelled keeps what it must not do twice", async () => {
    const runId = await fixture.start("book");
    await fixture.holding(runId);
    await cancel(runId);
    const { id } = await steer.fork(runId, { fromStep: 1 });
    const held = await fixture.holding(id);
    await answer(fixture, question(held), "window");
    const run = await fixture.ended(id);
    expect(run.toolCalls).toMatchObject([{ result: { number: 1, seat: "window" } }]);
    expect(reserved).toBe(1);
  });

  test("survives a death between the turn and the results: nothing is repeated", async () => {
    const first = await original();
    await fixture.stop();
    const agent: FixtureAgent = { tools: tools.tools, script: obey };
    fixture = await createRunFixture(store(), agent, {}, fixture.organisation);
    steer = steering(store(), fixture, agent);
    for (const point of ["before:turn", "after:turn", "before:tell", "after:tell"]) {
      const dying = dieAt(point);
      const worker = await fixture.startWorker({ faults: dying, leaseSeconds: 0.3 });
      const { id } = await steer.fork(first.id, { fromStep: 1 });
      await dying.died;
      await worker.stop();
      const other = await fixture.startWorker();
      expect(await fixture.ended(id)).toMatchObject({ status: "completed" });
      await other.stop();
    }
    expect(names()).toEqual(["count", "delete"]);
  });

  test("refused while it goes on, and while nobody knows what became of a call: says which", async () => {
    const runId = await fixture.start("delete 5");
    await fixture.holding(runId);
    await expect(steer.fork(runId, { fromStep: 1 })).rejects.toThrow(/is holding: cancel it first/);
    await fixture.stop();
    const agent: FixtureAgent = { tools: tools.tools, script: obey };
    fixture = await createRunFixture(store(), agent, {}, fixture.organisation);
    steer = steering(store(), fixture, agent);
    const faults = dieAt("executed");
    const mortal = await fixture.startWorker({ faults, leaseSeconds: 0.3 });
    await fixture.approve(await fixture.holding(runId));
    await faults.died;
    await mortal.stop();
    await cancel(runId);
    await expect
      .poll(async () => (await fixture.until(runId, () => true)).toolCalls[0]?.status)
      .toMatch(/unknown|executing/);
    await expect(steer.fork(runId, { fromStep: 1 })).rejects.toMatchObject({ code: "conflict" });
  });

  test("an unknown outcome is given by hand, and taken over like any other", async () => {
    await fixture.stop();
    const agent: FixtureAgent = { tools: tools.tools, script: obey };
    fixture = await createRunFixture(store(), agent, {}, fixture.organisation);
    steer = steering(store(), fixture, agent);
    const faults = dieAt("executed");
    const mortal = await fixture.startWorker({ faults, leaseSeconds: 0.3 });
    const runId = await fixture.start("delete 5");
    await fixture.approve(await fixture.holding(runId));
    await faults.died;
    await mortal.stop();
    await controlRun(
      { database: store().database, wakeups: fixture.wakeups },
      { credentialHash: fixture.organisation.adminHash, runId, action: "kill", reason: "it hangs" },
    );
    const killed = await fixture.until(runId, () => true);
    const callId = killed.toolCalls[0]?.id ?? "";
    await expect(steer.fork(runId, { fromStep: 1 })).rejects.toThrow(
      new RegExp(`was executed: find out and give its result first .*${callId}`),
    );
    await steer.give(runId, callId, { result: { deleted: 5 }, reason: "they are gone" });
    await fixture.startWorker();
    const run = await fixture.ended((await steer.fork(runId, { fromStep: 1 })).id);
    expect(run).toMatchObject({ output: 'delete: {"deleted":5}' });
    expect(names()).toEqual(["delete"]);
  });

  test("its past is the original's, and later runs of the session see the branch that was taken", async () => {
    await fixture.ended(await fixture.start("count users", { sessionId: "s2" }));
    const second = await fixture.ended(await fixture.start("count orders", { sessionId: "s2" }));
    await fixture.ended(await fixture.start("count items", { sessionId: "s2" }));
    const askedThen = structuredClone(prompts[2]);
    prompts.length = 0;
    const { id } = await steer.fork(second.id, { fromStep: 1, message: "count rows" });
    await fixture.ended(id);
    expect(prompts[0]).toEqual([...(askedThen ?? []), user("count rows")]);
    prompts.length = 0;
    await fixture.ended(await fixture.start("count last", { sessionId: "s2" }));
    const words = JSON.stringify(prompts[0]);
    expect(words.match(/count orders/g)).toHaveLength(1);
    expect(words.indexOf("count items")).toBeLessThan(words.indexOf("count rows"));
  });

  test("repeated with the same key it is one run; a step that never was is refused; and who may", async () => {
    const first = await original();
    const idempotency = { key: "k1", bodyHash: "b1" };
    const forked = await steer.fork(first.id, { fromStep: 3 }, { idempotency });
    expect(await steer.fork(first.id, { fromStep: 3 }, { idempotency })).toMatchObject({ id: forked.id });
    await expect(steer.fork(first.id, { fromStep: 4 })).rejects.toMatchObject({
      code: "invalid_request",
      details: { errors: [{ path: "fromStep", message: "the run has come to step 3" }] },
    });
    const { reviewerHash, agentHash } = fixture.organisation;
    await expect(
      steer.fork(first.id, { fromStep: 1 }, { credentialHash: reviewerHash }),
    ).rejects.toMatchObject({ code: "not_allowed" });
    const byAgent = await steer.fork(first.id, { fromStep: 3 }, { credentialHash: agentHash });
    await fixture.ended(byAgent.id);
    await fixture.ended(forked.id);
    await expect(steer.fork("run_nope", { fromStep: 1 })).rejects.toMatchObject({ code: "not_found" });
  });
});

function user(text: string): unknown {
  return expect.objectContaining({
    role: "user",
    content: [expect.objectContaining({ type: "text", text })],
  });
}
