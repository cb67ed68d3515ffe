import { afterEach, expect, test } from "vitest";
import type { ScriptReply } from "../../src/agents/models/scripted-model.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startModelServer, type Answer, type ModelServer } from "./model-server.ts";
import { createRunFixture, type FixtureAgent, type RunFixture } from "./run-fixture.ts";
import { createTestTools, type TestTools } from "./test-tools.ts";

describeEachStore("a run over a model server", (store) => {
  let fixture: RunFixture;
  let server: ModelServer;
  let tools: TestTools;
  afterEach(async () => {
    await fixture.stop();
    await server.close();
  });

  async function run(answers: Answer[], more: Partial<FixtureAgent> = {}): Promise<string> {
    server = await startModelServer(answers);
    tools = createTestTools();
    fixture = await createRunFixture(
      store(),
      { tools: tools.tools, model: "openai/gpt-test", ...more },
      { HOLDPOINT_MODEL_URL: server.url.replace("//", "//:s%2Fecret@") },
    );
    await fixture.startWorker({ random: () => 0 });
    return fixture.start("Hello");
  }

  test("the model is told its tools and instructions, and its words and usage are kept", async () => {
    const id = await run([{ text: "Good day." }], { instructions: "Be kind.", markdown: true });
    const ended = await fixture.ended(id);
    expect(ended).toMatchObject({
      status: "completed",
      output: "Good day.",
      usage: { inputTokens: 7, outputTokens: 3, totalTokens: 10 },
      steps: [{ position: 1, status: "completed", text: "Good day.", finishReason: "stop" }],
    });
    expect(server.requests[0]?.messages).toEqual([
      { role: "system", content: "Be kind.\n\nFormat your answers in Markdown." },
      { role: "user", content: "Hello" },
    ]);
    expect(server.requests[0]?.tools).toHaveLength(5);
    expect(server.headers[0]?.authorization).toBe("Bearer s/ecret");
  });

  test("a refusal for a while is waited for as the server asks, and a failure is tried again", async () => {
    const id = await run([
      { status: 429, headers: { "retry-after": "120" }, message: "slow down" },
      { status: 503, message: "overloaded" },
      { cutAfter: "Half an ans" },
      { text: "At last." },
    ]);
    await expect.poll(() => fixture.logged.filter((line) => line.includes('"attempts":1'))).toHaveLength(1);
    expect(fixture.logged.join("")).toContain('"delaySeconds":120');
    await store().advance(120_000);
    await expect.poll(() => fixture.logged.filter((line) => line.includes('"attempts":2'))).toHaveLength(1);
    await store().advance(2_000);
    await expect.poll(() => fixture.logged.filter((line) => line.includes('"attempts":3'))).toHaveLength(1);
    await store().advance(4_000);
    expect(await fixture.ended(id)).toMatchObject({ status: "completed", output: "At last." });
    expect(server.requests).toHaveLength(4);
  });

  test("what will not get better fails at once, with the cause", async () => {
    const id = await run([{ status: 401, message: "Incorrect API key." }]);
    expect(await fixture.ended(id)).toMatchObject({
      status: "failed",
      error: { code: "model_failed", message: "Incorrect API key.", statusCode: 401 },
      steps: [{ status: "failed" }],
    });
    expect(server.requests).toHaveLength(1);
    expect(await fixture.eventTypes(id)).toEqual(["run.started", "run.failed"]);
  });

  test("a model that never recovers fails the run in the end", async () => {
    const id = await run([{ status: 500, headers: { "retry-after-ms": "1" }, message: "still broken" }]);
    expect(await fixture.ended(id)).toMatchObject({
      status: "failed",
      error: { message: "still broken", attempts: 6 },
    });
    expect(server.requests).toHaveLength(6);
  });

  test("calls with the same id, or none, are told apart, and each gets its own answer (defect 8)", async () => {
    const id = await run([
      {
        calls: [
          { id: "call_0", name: "count", arguments: '{"table":"a"}' },
          { id: "call_0", name: "delete", arguments: '{"table":"b","count":1}' },
          { id: "call_0", name: "delete", arguments: '{"table":"c","count":2}' },
        ],
      },
      { text: "Done." },
    ]);
    const held = await fixture.holding(id, 2);
    await fixture.decide(held.holds[0]?.id ?? "", { verdict: "reject", comment: "not b" });
    await fixture.decide(held.holds[1]?.id ?? "", {
      verdict: "approve",
      actionHash: held.holds[1]?.action?.hash,
    });
    await fixture.ended(id);
    const told = server.requests[1]?.messages.filter(({ role }) => role === "tool");
    expect(new Set(told?.map(({ tool_call_id }) => tool_call_id)).size).toBe(3);
    expect(told?.map(({ content }) => content)).toEqual([
      '{"count":300}',
      "Action 'delete' was rejected by reviewer. Reason: not b",
      '{"deleted":2}',
    ]);
    expect(tools.done.map((done) => done.arguments)).toEqual([
      { table: "a" },
      { table: "c", count: 2, reason: "none" },
    ]);
  });

  test("an unknown tool, arguments that do not fit and what is no JSON never reach a person (R234, defect 4)", async () => {
    const id = await run([
      {
        calls: [
          { id: "1", name: "drop_database", arguments: "{}" },
          { id: "2", name: "delete", arguments: '{"table":"users","count":-1}' },
          { id: "3", name: "delete", arguments: '{"table":"users","count":1,"force":true}' },
          { id: "4", name: "delete", arguments: '{"table": nonsense' },
          { id: "5", name: "delete", arguments: '{"table":"users","count":90071992547409931}' },
          { id: "6", name: "delete", arguments: '{"table":"us\\u0000ers","count":1}' },
        ],
      },
      { text: "I see." },
    ]);
    const ended = await fixture.ended(id);
    expect(ended.holds).toEqual([]);
    expect(tools.done).toEqual([]);
    expect(ended.toolCalls.map(({ status }) => status)).toEqual(Array(6).fill("failed"));
    const told = server.requests[1]?.messages
      .filter(({ role }) => role === "tool")
      .map(({ content }) => content);
    expect(told?.[0]).toContain("there is no such tool; available tools: count, delete, send, put, fail.");
    expect(told?.[1]).toContain("its arguments do not fit: count");
    expect(told?.[2]).toContain("force is not an argument of this tool");
    expect(told?.[3]).toContain("they are no JSON");
    expect(told?.[4]).toContain("beyond 2^53");
    expect(told?.[5]).toContain("contains U+0000");
    expect((await fixture.eventTypes(id)).filter((type) => type === "action.refused")).toHaveLength(6);
  });

  test("the limit on model calls counts over all workers, and waiting costs nothing (R244)", async () => {
    server = await startModelServer([{ text: "Yes." }]);
    tools = createTestTools();
    fixture = await createRunFixture(
      store(),
      { model: "openai/gpt-test" },
      { HOLDPOINT_MODEL_URL: server.url },
    );
    const config = { modelCallsPerMinute: 2 };
    await fixture.startWorker({ config });
    await fixture.startWorker({ config });
    const ids = [await fixture.start("a"), await fixture.start("b"), await fixture.start("c")];
    const isEnded = async (): Promise<number> => {
      const runs = await Promise.all(ids.map((id) => fixture.until(id, () => true)));
      return runs.filter(({ status }) => status === "completed").length;
    };
    await expect.poll(isEnded, { timeout: 15_000 }).toBe(2);
    expect(server.requests).toHaveLength(2);
    await store().advance(31_000);
    await expect.poll(isEnded, { timeout: 15_000 }).toBe(3);
    expect(server.requests).toHaveLength(3);
  });
});

describeEachStore("the bound on steps", (store) => {
  test("ends as 'Task incomplete.', and asks nobody about what would come after it", async () => {
    const tools = createTestTools();
    const endless = (): ScriptReply => ({
      text: "More.",
      toolCalls: [{ name: "count", arguments: { table: "t" } }],
    });
    const fixture = await createRunFixture(store(), { tools: tools.tools, script: endless, maxSteps: 3 });
    await fixture.startWorker();
    const run = await fixture.ended(await fixture.start("go on"));
    expect(run).toMatchObject({ status: "completed", output: "Task incomplete.", endReason: "step_limit" });
    expect(run.steps).toHaveLength(3);
    expect(run.toolCalls.map(({ status }) => status)).toEqual(["succeeded", "succeeded", "failed"]);
    expect(tools.done).toHaveLength(2);
    await fixture.stop();
  });
});
