import type { Run } from "@holdpoint/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import type { Script } from "../../src/agents/models/scripted-model.ts";
import { defineTool } from "../../src/agents/tool.ts";
import { controlRun } from "../../src/runs/control-run.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, dieAt, type RunFixture } from "./run-fixture.ts";
import { steering, type Steering } from "./steering.ts";
import { createTestTools, obey, type TestTools } from "./test-tools.ts";

/** Says in the end what it was told besides. */
const listening: Script = async (turn) => {
  const reply = await obey(turn);
  return reply.toolCalls === undefined && turn.notes.length > 0
    ? { text: `${reply.text ?? ""}\nheard: ${turn.notes.join(", ")}` }
    : reply;
};

describeEachStore("a word to the agent", (store) => {
  let fixture: RunFixture;
  let tools: TestTools;
  let steer: Steering;
  let begun: PromiseWithResolvers<void>;
  let goesOn: PromiseWithResolvers<void>;

  beforeEach(async () => {
    tools = createTestTools();
    [begun, goesOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const work = defineTool({
      name: "work",
      description: "Works until the test lets it go.",
      input: z.object({}),
      reversibility: "reversible",
      async execute() {
        begun.resolve();
        await goesOn.promise;
        return "worked";
      },
    });
    const agent = { tools: [...tools.tools, work], script: listening };
    fixture = await createRunFixture(store(), agent);
    steer = steering(store(), fixture, agent);
  });
  afterEach(async () => {
    goesOn.resolve();
    await fixture.stop();
  });

  const roles = (run: Run): unknown[] => run.messages.map(({ role }) => role);

  test("said while a tool runs it is heard before the next step, after the call's result (I11)", async () => {
    await fixture.startWorker();
    const runId = await fixture.start("work then count users");
    await begun.promise;
    const note = await steer.tell(runId, "Only the active ones.");
    expect(note).toMatchObject({
      runId,
      text: "Only the active ones.",
      heardStep: null,
      by: { kind: "member", id: fixture.organisation.adminId, name: "Ada" },
    });
    goesOn.resolve();
    const run = await fixture.ended(runId);
    expect(roles(run)).toEqual(["user", "assistant", "tool", "user", "assistant", "tool", "assistant"]);
    expect(run.messages[3]).toEqual({
      role: "user",
      content: "An operator of this service says, while you work on this task:\n\nOnly the active ones.",
    });
    expect(run.notes).toMatchObject([{ id: note.id, heardStep: 2 }]);
    expect(run.output).toContain("heard: Only the active ones.");
    expect(await fixture.eventTypes(runId)).toContain("run.message");
  });

  test("said before it starts it is heard with the task", async () => {
    const runId = await fixture.start("count users");
    await steer.tell(runId, "Be quick.");
    await steer.tell(runId, "And kind.");
    await fixture.startWorker();
    const run = await fixture.ended(runId);
    expect(roles(run)).toEqual(["user", "user", "user", "assistant", "tool", "assistant"]);
    expect(run.notes.map(({ text, heardStep }) => `${text} ${heardStep}`)).toEqual([
      "Be quick. 1",
      "And kind. 1",
    ]);
  });

  test("said while it holds or is paused, it waits for the decision and is heard afterwards", async () => {
    await fixture.startWorker();
    const runId = await fixture.start("delete 5");
    const held = await fixture.holding(runId);
    await steer.tell(runId, "Thanks.");
    expect(await fixture.until(runId, () => true)).toMatchObject({ notes: [{ heardStep: null }] });
    await fixture.approve(held);
    const run = await fixture.ended(runId);
    expect(roles(run)).toEqual(["user", "assistant", "tool", "user", "assistant"]);
    expect(run.notes).toMatchObject([{ heardStep: 2 }]);
  });

  test("said while the model gives its answer, the run goes on for one more step instead of ending", async () => {
    const spoken = Promise.withResolvers<void>();
    const told = Promise.withResolvers<void>();
    await fixture.startWorker({
      faults: {
        hit(point) {
          if (point !== "before:turn") return undefined;
          spoken.resolve();
          return told.promise;
        },
      },
    });
    const runId = await fixture.start("");
    await spoken.promise;
    await steer.tell(runId, "One thing more.");
    told.resolve();
    const run = await fixture.ended(runId);
    expect(run.steps.map(({ status }) => status)).toEqual(["completed", "completed"]);
    expect(run.output).toContain("heard: One thing more.");
    expect(run.notes).toMatchObject([{ heardStep: 2 }]);
  });

  test("in the last step nobody is left to hear it: the run ends, and shows that", async () => {
    const spoken = Promise.withResolvers<void>();
    const told = Promise.withResolvers<void>();
    const agent = { tools: tools.tools, script: listening, maxSteps: 1 };
    await fixture.stop();
    fixture = await createRunFixture(store(), agent);
    steer = steering(store(), fixture, agent);
    await fixture.startWorker({
      faults: {
        hit(point) {
          if (point !== "before:turn") return undefined;
          spoken.resolve();
          return told.promise;
        },
      },
    });
    const runId = await fixture.start("");
    await spoken.promise;
    await steer.tell(runId, "Too late.");
    told.resolve();
    expect(await fixture.ended(runId)).toMatchObject({ status: "completed", notes: [{ heardStep: null }] });
  });

  test.each(["before:note", "after:note"])("heard once, also when the worker dies %s", async (point) => {
    const dying = dieAt(point);
    const runId = await fixture.start("count users");
    await steer.tell(runId, "Once.");
    const worker = await fixture.startWorker({ faults: dying, leaseSeconds: 0.3 });
    await dying.died;
    void worker.stop();
    await fixture.startWorker();
    const run = await fixture.ended(runId);
    expect(roles(run)).toEqual(["user", "user", "assistant", "tool", "assistant"]);
  });

  test("repeated with the same key it is one word; a run that has ended hears nothing", async () => {
    const runId = await fixture.start("count users");
    const idempotency = { key: "k1", bodyHash: "b1" };
    const first = await steer.tell(runId, "Twice.", { idempotency });
    expect(await steer.tell(runId, "Twice.", { idempotency })).toEqual(first);
    await expect(
      steer.tell(runId, "Other.", { idempotency: { key: "k1", bodyHash: "b2" } }),
    ).rejects.toMatchObject({ code: "idempotency_mismatch" });
    await fixture.startWorker();
    const run = await fixture.ended(runId);
    expect(run.notes).toHaveLength(1);
    await expect(steer.tell(runId, "Late.")).rejects.toMatchObject({ code: "run_ended" });
    // What was heard is answered again.
    expect(await steer.tell(runId, "Twice.", { idempotency })).toMatchObject({ id: first.id, heardStep: 1 });
  });

  test("a word and the end of the run at the same moment, 20 times: heard or refused, never lost", async () => {
    await fixture.startWorker();
    for (let round = 0; round < 20; round++) {
      const runId = await fixture.start("count users");
      await fixture.until(runId, ({ steps }) => steps.length >= (round % 2) + 1);
      const [said] = await Promise.allSettled([steer.tell(runId, "Now.")]);
      const run = await fixture.ended(runId);
      if (said.status === "fulfilled") expect(run.notes).toMatchObject([{ heardStep: expect.any(Number) }]);
      else expect(said.reason).toMatchObject({ code: "run_ended" });
    }
  });

  test("whoever may: operators, whoever started it, its agent's key; nobody of another organisation", async () => {
    const runId = await fixture.start("count users");
    const { reviewerHash, agentHash } = fixture.organisation;
    await expect(steer.tell(runId, "Hi.", { credentialHash: reviewerHash })).rejects.toMatchObject({
      code: "not_allowed",
    });
    expect(await steer.tell(runId, "Hi.", { credentialHash: agentHash })).toMatchObject({
      by: { kind: "agent" },
    });
    await expect(steer.tell("run_nope", "Hi.")).rejects.toMatchObject({ code: "not_found" });
    await expect(steer.tell(runId, "Hi.", { credentialHash: "0".repeat(64) })).rejects.toMatchObject({
      code: "unauthorized",
    });
    await controlRun(
      { database: store().database, wakeups: fixture.wakeups },
      { credentialHash: fixture.organisation.adminHash, runId, action: "cancel", reason: undefined },
    );
  });
});
