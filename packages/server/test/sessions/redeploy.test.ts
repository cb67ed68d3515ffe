import { z } from "zod";
import { afterEach, expect, test } from "vitest";
import { defineAgent } from "../../src/agents/agent.ts";
import { defineConfig, type DefinedConfig } from "../../src/agents/config.ts";
import { defineTool } from "../../src/agents/tool.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { obey } from "../runs/test-tools.ts";

const send = (done: string[], onTimeout: "reject" | "hold" = "hold") =>
  defineTool({
    name: "send",
    description: "Sends.",
    input: z.object({ to: z.string() }),
    requiresConfirmation: true,
    onTimeout,
    execute: ({ to }) => void done.push(to),
  });

const config = (agentIds: string[], tools: ReturnType<typeof send>[]): DefinedConfig =>
  defineConfig({
    agents: agentIds.map((id) => defineAgent({ id, name: id, model: "openai/none", tools, script: obey })),
  });

describeEachStore("the service comes back with another config while people are asked", (store) => {
  let service: TestService;
  const done: string[] = [];
  afterEach(() => service.stop());

  const come = async (
    agentIds: string[],
    tools: ReturnType<typeof send>[],
    goneAgentGraceMs?: number,
  ): Promise<void> => {
    service = await startTestService(store(), { config: config(agentIds, tools), goneAgentGraceMs });
  };
  const start = async (agentId: string, sessionId: string) =>
    (await service.call("POST", `/v1/agents/${agentId}/runs`, { body: { input: "send a", sessionId } })).body;
  const wait = async (id: string) =>
    (await service.call("GET", `/v1/runs/${id}/wait?timeoutSeconds=20`)).body;
  const read = async (id: string) => (await service.call("GET", `/v1/runs/${id}`)).body;

  test("without a tool: what was asked about it is withdrawn, the model is told, and the run goes on", async () => {
    await come(["tester"], [send(done)]);
    const run = await wait((await start("tester", "s-1")).id);
    const elsewhere = await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { action: { name: "send", arguments: { to: "b" } } },
    });
    await service.stop();
    await come(["tester"], []);
    await expect.poll(async () => (await read(run.id)).status, { timeout: 10_000 }).toBe("completed");
    expect(await read(run.id)).toMatchObject({
      toolCalls: [{ status: "cancelled" }],
      holds: [{ status: "cancelled" }],
      output: expect.stringContaining("The tool was taken out of the config"),
    });
    // Of an agent elsewhere the config knows nothing: its action is still asked about.
    expect((await service.call("GET", `/v1/holds/${elsewhere.body.id}`)).body.status).toBe("pending");
    expect(done).toEqual([]);
  });

  test("without an agent: its runs wait on for a while, then they end, and so does what waits behind them", async () => {
    await come(["tester", "other"], [send(done)]);
    const run = await wait((await start("other", "s-2")).id);
    const behind = await start("other", "s-2");
    const stays = await wait((await start("tester", "s-2")).id);
    await service.stop();
    await come(["tester"], [send(done)]); // ten minutes of grace
    expect(await read(run.id)).toMatchObject({ status: "holding", holds: [{ status: "pending" }] });
    await service.stop();
    await come(["tester"], [send(done)], 0);
    await expect.poll(async () => (await read(behind.id)).status, { timeout: 10_000 }).toBe("failed");
    expect(await read(run.id)).toMatchObject({
      status: "failed",
      error: { code: "no_agent" },
      toolCalls: [{ status: "cancelled" }],
      holds: [{ status: "cancelled" }],
    });
    expect(await read(behind.id)).toMatchObject({ error: { code: "no_agent" } });
    expect(await read(stays.id)).toMatchObject({ status: "holding" });
    expect(done).toEqual([]);
  });

  test("without an agent: what is decided in the meantime ends the run, and nothing is executed", async () => {
    await come(["tester", "other"], [send(done)]);
    const run = await wait((await start("other", "s-3")).id);
    await service.stop();
    await come(["tester"], [send(done)]);
    const [hold] = run.holds;
    const decided = await service.call("POST", `/v1/holds/${hold.id}/decisions`, {
      body: { verdict: "approve", actionHash: hold.action.hash },
    });
    expect(decided.status).toBe(200);
    expect(await wait(run.id)).toMatchObject({ status: "failed", error: { code: "no_agent" } });
    // Whoever approved it sees that it was not done.
    expect((await service.call("GET", `/v1/holds/${hold.id}`)).body).toMatchObject({
      status: "approved",
      fulfilment: "failed",
    });
    expect(done).toEqual([]);
  });

  test("a newer proposal of the same action is another question: deciding one releases one (defects 1 and 6)", async () => {
    await come(["tester"], [send(done)]);
    const older = await wait((await start("tester", "s-4")).id);
    const newer = await wait((await start("tester", "s-5")).id);
    const [hold] = newer.holds;
    expect(hold.action.hash).not.toBe(older.holds[0].action.hash);
    await service.call("POST", `/v1/holds/${hold.id}/decisions`, {
      body: { verdict: "approve", actionHash: hold.action.hash },
    });
    expect(await wait(newer.id)).toMatchObject({ status: "completed" });
    expect(await read(older.id)).toMatchObject({ status: "holding", holds: [{ status: "pending" }] });
    expect(done).toEqual(["a"]);
  });
});
