import { z } from "zod";
import { afterEach, beforeEach, expect, test } from "vitest";
import { defineAgent } from "../../src/agents/agent.ts";
import { Models } from "../../src/agents/models/models.ts";
import { AgentDirectory } from "../../src/agents/agent-directory.ts";
import { Principals } from "../../src/identity/principal.ts";
import { Registry } from "../../src/agents/registry.ts";
import { defineTool } from "../../src/agents/tool.ts";
import { controlRun } from "../../src/runs/control-run.ts";
import { createRun } from "../../src/runs/create-run.ts";
import { getRun } from "../../src/runs/read-runs.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, type RunFixture } from "../runs/run-fixture.ts";
import { createTestTools, obey, type TestTools } from "../runs/test-tools.ts";
import { listeningModel, type Heard } from "./listening-model.ts";

const SESSION = { sessionId: "s", endUserId: "u" };

describeEachStore("a new message comes while a run of its session is not over", (store) => {
  let fixture: RunFixture;
  let tools: TestTools;
  let heard: Heard[];

  async function arrange(onNewMessage?: "queue" | "supersede" | "reject"): Promise<void> {
    tools = createTestTools();
    const listening = listeningModel(obey);
    heard = listening.heard;
    fixture = await createRunFixture(store(), {
      model: listening.model,
      tools: tools.tools,
      ...(onNewMessage !== undefined && { onNewMessage }),
    });
  }
  beforeEach(() => arrange());
  afterEach(() => fixture.stop());

  const get = (runId: string) => getRun(store().database, fixture.organisation.adminHash, runId);
  const cancel = (runId: string) =>
    controlRun(
      { database: store().database, wakeups: fixture.wakeups },
      { credentialHash: fixture.organisation.adminHash, runId, action: "cancel", reason: "by test" },
    );
  const names = () => tools.done.map(({ name }) => name);

  test("queue: it waits while a person thinks, kills nothing (defect 21), asks nothing (defect 22), and goes on after", async () => {
    await fixture.startWorker();
    const first = await fixture.start("delete 5", SESSION);
    const held = await fixture.holding(first);
    const second = await fixture.start("count users", SESSION);
    expect(await get(second)).toMatchObject({ status: "queued", waitsFor: first });
    expect((await get(first)).holds).toMatchObject([{ status: "pending" }]);
    expect(heard).toHaveLength(1);
    await fixture.approve(held);
    expect(await fixture.ended(second)).toMatchObject({
      status: "completed",
      waitsFor: null,
      output: 'count: {"count":300}',
    });
    expect(names()).toEqual(["delete", "count"]);
    expect(heard.at(-2)?.lines).toEqual([
      "user: delete 5",
      "assistant: I will delete 5.",
      "assistant: calls delete",
      'tool: {"type":"json","value":{"deleted":5}}',
      'assistant: delete: {"deleted":5}',
      "user: count users",
    ]);
  });

  test("queue: cancelling the one before leaves a conversation that goes on (defect 21), and the call has a result", async () => {
    await fixture.startWorker();
    const first = await fixture.start("count users; delete 5", SESSION);
    await fixture.holding(first);
    const second = await fixture.start("count users", SESSION);
    await cancel(first);
    expect(await fixture.ended(second)).toMatchObject({ status: "completed" });
    expect(names()).toEqual(["count", "count"]);
    expect(heard[1]?.lines).toEqual([
      "user: count users; delete 5",
      "assistant: I will count users and delete 5.",
      "assistant: calls count",
      "assistant: calls delete",
      'tool: {"type":"json","value":{"count":300}}',
      `tool: {"type":"execution-denied","reason":"Action 'delete' was cancelled by operator and not executed. Reason: by test"}`,
      "assistant: (This was cancelled by an operator before an answer was given. Reason: by test)",
      "user: count users",
    ]);
  });

  test("queue: the order of messages is that of runs, also where one in between is cancelled", async () => {
    const ids: string[] = [];
    for (const input of ["count a", "count b", "count c", "count d"])
      ids.push(await fixture.start(input, SESSION));
    const [a, b, c, d] = ids as [string, string, string, string];
    expect((await Promise.all(ids.map(get))).map(({ waitsFor }) => waitsFor)).toEqual([null, a, b, c]);
    await cancel(b);
    expect(await get(c)).toMatchObject({ status: "queued", waitsFor: a });
    await fixture.startWorker();
    await fixture.ended(d);
    expect(tools.done.map(({ arguments: args }) => (args as { table: string }).table)).toEqual([
      "a",
      "c",
      "d",
    ]);
    expect(heard.at(-1)?.lines.filter((line) => line.startsWith("user"))).toEqual([
      "user: count a",
      "user: count b",
      "user: count c",
      "user: count d",
    ]);
  });

  test("queue: messages that come at once are done one after the other, each once", async () => {
    await fixture.startWorker();
    await fixture.startWorker();
    const ids = await Promise.all(
      Array.from({ length: 8 }, (_, index) => fixture.start(`count t${index}`, SESSION)),
    );
    const runs = await Promise.all(ids.map((id) => fixture.ended(id)));
    const inOrder = runs.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
    for (const [index, run] of inOrder.entries()) {
      const before = inOrder[index - 1];
      if (before !== undefined) expect(run.startedAt! >= before.endedAt!).toBe(true);
    }
    expect(names()).toHaveLength(8);
    expect(heard.at(-1)?.lines.filter((line) => line.startsWith("user"))).toEqual(
      inOrder.map(({ input }) => `user: ${input}`),
    );
  });

  test("queue: other sessions, and runs without one, wait for nobody", async () => {
    await fixture.startWorker();
    await fixture.holding(await fixture.start("delete 5", SESSION));
    await fixture.ended(await fixture.start("count users", { sessionId: "other", endUserId: "u" }));
    await fixture.ended(await fixture.start("count users"));
    expect(names()).toEqual(["count", "count"]);
  });

  test("queue: many messages come while those before them end, and none is forgotten", async () => {
    await fixture.startWorker({ pollMs: 60_000 });
    const ids: string[] = [];
    const starting = Array.from({ length: 12 }, async (_, index) => {
      const id = await fixture.start(`count t${index}`, SESSION);
      ids.push(id);
      if (index % 3 === 1) await cancel(id).catch(() => undefined);
    });
    await Promise.all(starting);
    for (const id of ids) await fixture.ended(id);
    const { database } = store();
    expect(await database.call("let_forgotten_runs_v1")).toBe(0);
  });

  test("supersede: the one before is cancelled with its holds in the same transaction, and the model is told", async () => {
    await fixture.stop();
    await arrange("supersede");
    await fixture.startWorker();
    const first = await fixture.start("delete 5", SESSION);
    const held = await fixture.holding(first);
    const second = await fixture.start("count users", SESSION);
    expect(await get(first)).toMatchObject({
      status: "cancelled",
      endReason: "superseded",
      error: { code: "superseded", supersededBy: second },
      toolCalls: [{ status: "cancelled" }],
      holds: [{ status: "cancelled", outcome: { comment: "A newer message took its place." } }],
    });
    // I3: the decision comes too late, and is told so.
    await expect(fixture.approve(held)).rejects.toMatchObject({ code: "already_decided" });
    expect(await fixture.ended(second)).toMatchObject({ status: "completed" });
    expect(names()).toEqual(["count"]);
    expect(heard[1]?.lines).toEqual([
      "user: delete 5",
      "assistant: I will delete 5.",
      "assistant: calls delete",
      `tool: {"type":"execution-denied","reason":"Action 'delete' was not executed because a newer message took the place of the one that it was for."}`,
      "assistant: (This was ended before an answer was given, because a newer message took its place.)",
      "user: count users",
    ]);
    // I5: one event each.
    expect((await fixture.eventTypes(first)).slice(-2)).toEqual(["hold.cancelled", "run.cancelled"]);
  });

  test("supersede: more holds than were foreseen, and several runs, are all closed", async () => {
    const first = await fixture.start("count users", SESSION);
    const waits = await fixture.start("count users", SESSION);
    await fixture.stop();
    const { organisation } = fixture;
    const again = listeningModel(obey);
    fixture = await createRunFixture(
      store(),
      { model: again.model, tools: tools.tools, onNewMessage: "supersede" },
      {},
      organisation,
    );
    const third = await fixture.start(Array.from({ length: 20 }, () => "delete 5").join("; "), SESSION);
    expect((await get(first)).endReason).toBe("superseded");
    expect((await get(waits)).endReason).toBe("superseded");
    await fixture.startWorker();
    await fixture.holding(third, 20);
    const last = await fixture.start("count users", SESSION);
    expect((await get(third)).holds.every(({ status }) => status === "cancelled")).toBe(true);
    expect(await fixture.ended(last)).toMatchObject({ status: "completed" });
  });

  test("supersede and decide at the same moment, 15 times: one of the two counts, and nobody waits in a circle (I3)", async () => {
    await fixture.stop();
    await arrange("supersede");
    await fixture.startWorker();
    let approved = 0;
    for (let round = 0; round < 15; round++) {
      const session = { sessionId: `race ${round}`, endUserId: "u" };
      const first = await fixture.start("delete 5; send bob", session);
      const held = await fixture.holding(first, 2);
      const [decided, , started] = await Promise.allSettled([
        fixture.approve(held, 0),
        fixture.decide(held.holds[1]?.id ?? "", { verdict: "reject" }),
        fixture.start("count users", session),
      ]);
      if (started.status === "rejected") throw started.reason;
      const ended = await get(first);
      // Decided in time and taken up at once, it may have ended before the message came.
      expect(["cancelled", "completed"]).toContain(ended.status);
      expect(ended.holds[0]?.status).toBe(decided.status === "fulfilled" ? "approved" : "cancelled");
      approved += decided.status === "fulfilled" ? 1 : 0;
      expect(await fixture.ended(started.value)).toMatchObject({ status: "completed" });
    }
    // Nothing that was not approved has run.
    expect(names().filter((name) => name === "delete").length).toBeLessThanOrEqual(approved);
    expect(names()).not.toContain("send");
  });

  test("reject: it is refused with the id of the one that is not over; afterwards it is taken", async () => {
    await fixture.stop();
    await arrange("reject");
    await fixture.startWorker();
    const first = await fixture.start("delete 5", SESSION);
    const held = await fixture.holding(first);
    await expect(fixture.start("count users", SESSION)).rejects.toMatchObject({
      code: "session_busy",
      status: 409,
      details: { runId: first, runStatus: "holding" },
    });
    await fixture.approve(held);
    await fixture.ended(first);
    await fixture.ended(await fixture.start("count users", SESSION));
    expect(names()).toEqual(["delete", "count"]);
  });

  test("the history is fixed once a run has begun: what becomes known later of an earlier call is not slipped in", async () => {
    await fixture.stop();
    const begun = Promise.withResolvers<void>();
    const goesOn = Promise.withResolvers<string>();
    const slow = defineTool({
      name: "slow",
      description: "Works for long, and heeds no signal.",
      input: z.object({}),
      reversibility: "reversible",
      execute() {
        begun.resolve();
        return goesOn.promise;
      },
    });
    tools = createTestTools();
    const asked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let turns = 0;
    const listening = listeningModel(obey, () => {
      turns += 1;
      if (turns === 2) asked[0]?.resolve();
      return turns === 2 ? (asked[1]?.promise ?? Promise.resolve()) : Promise.resolve();
    });
    heard = listening.heard;
    fixture = await createRunFixture(store(), {
      model: listening.model,
      tools: [...tools.tools, slow],
      onNewMessage: "supersede",
    });
    await fixture.startWorker();
    const first = await fixture.start("slow", SESSION);
    await begun.promise;
    const second = await fixture.start("count users", SESSION);
    await asked[0]?.promise; // the second run has begun
    goesOn.resolve("done after all");
    await fixture.until(first, ({ toolCalls }) => toolCalls[0]?.status === "succeeded");
    asked[1]?.resolve();
    await fixture.ended(second);
    const unknown = heard[1]?.lines.filter((line) => line.includes("'slow' was started"));
    expect(unknown).toHaveLength(1);
    expect(heard[2]?.lines.slice(0, heard[1]?.lines.length)).toEqual(heard[1]?.lines);
    // The run after that one sees what was known when it began.
    await fixture.ended(await fixture.start("count users", SESSION));
    expect(heard.at(-1)?.lines).toContain('tool: {"type":"text","value":"done after all"}');
  });

  test("a tool that broke off when its run was cancelled locks nothing: the next message is told that nobody knows, and answered", async () => {
    await fixture.stop();
    const begun = Promise.withResolvers<void>();
    const obedient = defineTool({
      name: "obedient",
      description: "Works until it is told to stop.",
      input: z.object({}),
      reversibility: "reversible",
      execute: (_input, { signal }) => {
        begun.resolve();
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
        });
      },
    });
    tools = createTestTools();
    const listening = listeningModel(obey);
    heard = listening.heard;
    fixture = await createRunFixture(store(), {
      model: listening.model,
      tools: [...tools.tools, obedient],
    });
    await fixture.startWorker();
    const first = await fixture.start("obedient", SESSION);
    await begun.promise;
    await cancel(first);
    await fixture.until(first, ({ toolCalls }) => toolCalls[0]?.status === "unknown");
    const second = await fixture.ended(await fixture.start("count users", SESSION));
    expect(second).toMatchObject({ status: "completed", output: 'count: {"count":300}' });
    expect(heard.at(-1)?.lines.filter((line) => line.includes("'obedient' was started"))).toHaveLength(1);
  });

  test("a repeated request is the same run, and supersedes nothing", async () => {
    await fixture.stop();
    await arrange("supersede");
    const { database } = store();
    const registry = new Registry({
      agents: [
        defineAgent({ id: "tester", name: "Tester", model: "openai/none", onNewMessage: "supersede" }),
      ],
    });
    const create = () =>
      createRun(
        {
          database,
          agents: new AgentDirectory(database, registry),
          principals: new Principals(database),
          models: new Models({}),
          wakeups: fixture.wakeups,
        },
        {
          credentialHash: fixture.organisation.adminHash,
          agentId: "tester",
          body: { input: "count users", ...SESSION },
          idempotencyKey: "once",
        },
      );
    const { run } = await create();
    expect(await create()).toMatchObject({ isRepeated: true, run: { id: run.id, status: "queued" } });
  });
});
