import { afterEach, expect, test } from "vitest";
import { agentTool } from "../../src/agents/agent-tool.ts";
import { defineAgent } from "../../src/agents/agent.ts";
import { defineConfig } from "../../src/agents/config.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { passOn, refundsAgent } from "../runs/nested-agents.ts";
import { createTestTools, obey, type TestTools } from "../runs/test-tools.ts";
import { listeningModel, type ListeningModel } from "./listening-model.ts";

describeEachStore("a conversation with an agent that calls agents", (store) => {
  let service: TestService;
  let tools: TestTools;
  let inner: ListeningModel;
  afterEach(() => service.stop());

  async function come(onNewMessage: "queue" | "supersede"): Promise<void> {
    tools = createTestTools();
    inner = listeningModel(obey);
    const refunds = refundsAgent(tools, { model: inner.model, onNewMessage });
    const outer = defineAgent({
      id: "outer",
      name: "Outer",
      model: "openai/none",
      tools: [agentTool(refunds)],
      script: passOn,
      onNewMessage,
    });
    service = await startTestService(store(), { config: defineConfig({ agents: [outer, refunds] }) });
  }
  const start = async (agentId: string, input: string) =>
    (
      await service.call("POST", `/v1/agents/${agentId}/runs`, {
        body: { input, sessionId: "talk" },
      })
    ).body;
  const wait = async (id: string) =>
    (await service.call("GET", `/v1/runs/${id}/wait?timeoutSeconds=20`)).body;
  const read = async (id: string) => (await service.call("GET", `/v1/runs/${id}`)).body;

  test("supersede ends what was called too: its holds are closed, and nothing of it is executed", async () => {
    await come("supersede");
    const first = await wait((await start("outer", "refunds: delete 5")).id);
    const [hold] = first.holds;
    const child = first.toolCalls[0].childRunId;
    const second = await start("outer", "refunds: count users");
    expect(await read(first.id)).toMatchObject({ status: "cancelled", endReason: "superseded" });
    expect(await read(child)).toMatchObject({
      status: "cancelled",
      holds: [{ status: "cancelled", outcome: { comment: "A newer message took its place." } }],
    });
    const late = await service.call("POST", `/v1/holds/${hold.id}/decisions`, {
      body: { verdict: "approve", actionHash: hold.action.hash },
    });
    expect(late.status).toBe(409);
    expect(await wait(second.id)).toMatchObject({ status: "completed" });
    expect(tools.done.map(({ name }) => name)).toEqual(["count"]);
    // Its last events are still on their way into the log: that is waited for.
    expect((await service.call("DELETE", "/v1/sessions/talk")).body).toMatchObject({ runs: 4, holds: 1 });
  });

  test("what was called is no part of it: nobody waits for it, supersedes it or hears of it", async () => {
    await come("supersede");
    const first = await wait((await start("outer", "refunds: delete 5")).id);
    const child = first.toolCalls[0].childRunId;
    // The same agent, spoken to by itself in the same session.
    expect(await wait((await start("refunds", "count users")).id)).toMatchObject({ status: "completed" });
    expect((await read(child)).status).toBe("holding");
    expect(inner.heard.at(-1)?.lines.filter((line) => line.startsWith("user"))).toEqual([
      "user: count users",
    ]);
    const [hold] = first.holds;
    await service.call("POST", `/v1/holds/${hold.id}/decisions`, {
      body: { verdict: "approve", actionHash: hold.action.hash },
    });
    expect(await wait(first.id)).toMatchObject({ status: "completed" });
    expect(tools.done.map(({ name }) => name)).toEqual(["count", "delete"]);
  });
});
