import { z } from "zod";
import { afterEach, expect, test } from "vitest";
import type { ModelObject } from "../../src/agents/agent.ts";
import type { Script } from "../../src/agents/models/scripted-model.ts";
import { defineTool } from "../../src/agents/tool.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, type RunFixture } from "./run-fixture.ts";
import { createTestTools, obey } from "./test-tools.ts";

describeEachStore("a run", (store) => {
  let fixture: RunFixture;
  afterEach(() => fixture.stop());

  test("asks the model nothing while a person thinks (defect 22), and nothing of it is in memory (defect 18)", async () => {
    let asked = 0;
    const counting: Script = (turn) => {
      asked += 1;
      return obey(turn);
    };
    const tools = createTestTools();
    fixture = await createRunFixture(store(), { tools: tools.tools, script: counting });
    const worker = await fixture.startWorker();
    const id = await fixture.start("delete 5");
    const held = await fixture.holding(id);
    await store().advance(24 * 60 * 60 * 1_000);
    await worker.stop();
    const other = await fixture.startWorker();
    expect(asked).toBe(1);
    expect((await fixture.until(id, () => true)).status).toBe("holding");
    await other.stop();
    expect(held.holds).toHaveLength(1);
  });

  test("a decision that comes before the run has begun to wait is not lost (defect 19)", async () => {
    const tools = createTestTools();
    fixture = await createRunFixture(store(), { tools: tools.tools, script: obey });
    let decided = false;
    await fixture.startWorker({
      faults: {
        async hit(point, runId) {
          // The automatic call is about to run; the run does not hold yet.
          if (point !== "before:start" || decided) return;
          decided = true;
          await fixture.approve(await fixture.until(runId, () => true));
        },
      },
    });
    const run = await fixture.ended(await fixture.start("count users; delete 5"));
    expect(run.output).toBe('count: {"count":300}\ndelete: {"deleted":5}');
  });

  test("what a tool did not do is not told as done (defect 12)", async () => {
    const bad = defineTool({
      name: "date",
      description: "Gives what JSON cannot carry.",
      input: z.object({}),
      reversibility: "reversible",
      execute: () => ({ now: new Date() }),
    });
    const picky = defineTool({
      name: "picky",
      description: "Promises a number.",
      input: z.object({}),
      output: z.object({ n: z.number() }),
      reversibility: "reversible",
      execute: () => ({ n: "one" }),
    });
    const tools = createTestTools();
    fixture = await createRunFixture(store(), { tools: [...tools.tools, bad, picky], script: obey });
    await fixture.startWorker();
    const run = await fixture.ended(await fixture.start("fail; date; picky"));
    expect(run.toolCalls.map(({ status }) => status)).toEqual(["failed", "failed", "failed"]);
    const [failed, date, number] = (run.output ?? "").split("\n");
    expect(failed).toBe("The disk is on fire.");
    expect(date).toContain("'date' was executed, but its result cannot be used: The value at now is a Date");
    expect(number).toContain("'picky' was executed, but its result cannot be used");
    expect((await fixture.eventTypes(run.id)).filter((type) => type === "action.failed")).toHaveLength(3);
  });

  test("a session remembers: the next run sees what was said and done before", async () => {
    let seen: string[] = [];
    const remembering: ModelObject = scriptedBy((roles) => (seen = roles));
    fixture = await createRunFixture(store(), { model: remembering });
    await fixture.startWorker();
    await fixture.ended(await fixture.start("one", { sessionId: "s", endUserId: "u" }));
    await fixture.ended(await fixture.start("two", { sessionId: "s", endUserId: "u" }));
    expect(seen).toEqual(["user one", "assistant said", "user two"]);
    await fixture.ended(await fixture.start("three", { sessionId: "other", endUserId: "u" }));
    expect(seen).toEqual(["user three"]);
  });

  test("its text can be read while the model speaks", async () => {
    const { promise: more, resolve: goOn } = Promise.withResolvers<void>();
    fixture = await createRunFixture(store(), { model: scriptedBy(() => undefined, more) });
    await fixture.startWorker();
    const id = await fixture.start("speak");
    const speaking = await fixture.until(
      id,
      ({ steps }) => steps[0]?.text !== undefined && steps[0].text !== "",
    );
    expect(speaking).toMatchObject({ status: "running", steps: [{ status: "running", text: "said" }] });
    goOn();
    expect((await fixture.ended(id)).output).toBe("said");
  });

  test("a tool's SQL sees the tool's tables and nothing of Holdpoint's", async () => {
    await store().database.ownerSession(async (owner) => {
      await owner.query("create table if not exists public.notes (words text)");
      await owner.query("grant select, insert on public.notes to hp_tools");
    });
    const sql = defineTool({
      name: "sql",
      description: "Runs SQL.",
      input: z.object({}),
      reversibility: "reversible",
      async execute(_args, { database }) {
        await database.query("insert into public.notes values ($1)", ["kept"]);
        const undone = await database
          .transaction(async (tx) => {
            await tx.query("insert into public.notes values ('undone')");
            throw new Error("no");
          })
          .catch((error: Error) => error.message);
        const spied = await database
          .query("select * from holdpoint.holds")
          .catch((error: Error) => error.message);
        const notes = await database.query("select words from public.notes");
        return { undone, spied, notes };
      },
    });
    fixture = await createRunFixture(store(), { tools: [sql], script: obey });
    await fixture.startWorker();
    const run = await fixture.ended(await fixture.start("sql"));
    expect(run.toolCalls[0]?.result).toEqual({
      undone: "no",
      spied: "permission denied for schema holdpoint",
      notes: [{ words: "kept" }],
    });
  });

  test("two workers share the work, and each approved call runs once", async () => {
    const tools = createTestTools();
    fixture = await createRunFixture(store(), { tools: tools.tools, script: obey });
    await fixture.startWorker({ concurrency: 2 });
    await fixture.startWorker({ concurrency: 2 });
    const ids = await Promise.all(
      Array.from({ length: 12 }, (_, index) => fixture.start(`delete ${index + 1}`)),
    );
    await Promise.all(ids.map(async (id) => fixture.approve(await fixture.holding(id))));
    const runs = await Promise.all(ids.map((id) => fixture.ended(id)));
    expect(new Set(runs.map(({ status }) => status))).toEqual(new Set(["completed"]));
    const deleted = tools.done.map((done) => (done.arguments as { count: number }).count);
    expect(deleted.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
  });
});

/** A model object that says "said", tells what it was shown, and may pause in the middle. */
function scriptedBy(
  onPrompt: (roles: string[]) => void,
  pause: Promise<void> = Promise.resolve(),
): ModelObject {
  return {
    specificationVersion: "v4",
    provider: "test",
    modelId: "listener",
    supportedUrls: {},
    doGenerate() {
      throw new TypeError("only streams");
    },
    async doStream({ prompt }) {
      onPrompt(
        prompt.map((message) => {
          const [part] = typeof message.content === "string" ? [] : message.content;
          return `${message.role} ${part?.type === "text" ? part.text : ""}`;
        }),
      );
      const usage = {
        inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
        outputTokens: { total: 1, text: 1, reasoning: 0 },
      };
      return {
        stream: new ReadableStream({
          async start(controller) {
            controller.enqueue({ type: "stream-start", warnings: [] });
            controller.enqueue({ type: "text-start", id: "1" });
            controller.enqueue({ type: "text-delta", id: "1", delta: "said" });
            await pause;
            controller.enqueue({ type: "text-end", id: "1" });
            controller.enqueue({ type: "finish", usage, finishReason: { unified: "stop", raw: "stop" } });
            controller.close();
          },
        }),
      };
    },
  };
}
