import { afterEach, beforeEach, expect, test } from "vitest";
import { agentTool } from "../../src/agents/agent-tool.ts";
import { defineAgent } from "../../src/agents/agent.ts";
import { defineConfig } from "../../src/agents/config.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { passOn, refundsAgent } from "./nested-agents.ts";
import { createTestTools, type TestTools } from "./test-tools.ts";

describeEachStore("an agent that calls an agent, over HTTP", (store) => {
  let testService: TestService;
  let tools: TestTools;

  beforeEach(async () => {
    tools = createTestTools();
    const refunds = refundsAgent(tools);
    const support = defineAgent({
      id: "support",
      name: "Support",
      model: "openai/none",
      tools: [agentTool(refunds)],
      script: passOn,
    });
    testService = await startTestService(store(), { config: defineConfig({ agents: [support] }) });
  });
  afterEach(() => testService.stop());

  const start = async (): Promise<string> => {
    const { status, body } = await testService.call("POST", "/v1/agents/support/runs", {
      body: { input: "refunds: delete 5" },
    });
    expect(status).toBe(201);
    return body.id as string;
  };

  test("agents that are tools are listed, and may be run by themselves", async () => {
    const { body } = await testService.call("GET", "/v1/agents");
    expect(body.data.map(({ id }: { id: string }) => id)).toEqual(["support", "refunds"]);
    const { body: support } = await testService.call("GET", "/v1/agents/support");
    expect(support.tools).toMatchObject([{ name: "refunds", requiresConfirmation: false }]);
  });

  test("wait returns when a person is needed below, and when all is over; the stream tells both runs and ends with the outer", async () => {
    const id = await start();
    const { body: holding } = await testService.call("GET", `/v1/runs/${id}/wait?timeoutSeconds=20`);
    expect(holding).toMatchObject({
      status: "holding",
      holds: [{ status: "pending", path: ["Support", "Refunds"], agentId: "refunds" }],
      toolCalls: [{ name: "refunds", status: "suspended" }],
    });
    const [hold] = holding.holds;
    const { body: shown } = await testService.call("GET", `/v1/holds/${hold.id}`);
    expect(shown).toMatchObject({ path: ["Support", "Refunds"], runId: holding.toolCalls[0].childRunId });
    const decided = await testService.call("POST", `/v1/holds/${hold.id}/decisions`, {
      body: { verdict: "approve", actionHash: hold.action.hash },
    });
    expect(decided.status).toBe(200);
    const { body: over } = await testService.call("GET", `/v1/runs/${id}/wait?timeoutSeconds=20`);
    expect(over).toMatchObject({ status: "completed", output: 'delete: {"deleted":5}' });
    const { body: stream } = await testService.call("GET", `/v1/runs/${id}/events`);
    const told = (stream as string)
      .split("\n\n")
      .filter((part) => part.includes("data: "))
      .map((part) => JSON.parse(/^data: (.*)$/m.exec(part)?.[1] ?? "{}") as { type: string; runId: string });
    const inner = told.filter(({ runId }) => runId === hold.runId).map(({ type }) => type);
    expect(inner).toEqual(
      expect.arrayContaining(["run.started", "hold.created", "hold.decided", "run.completed"]),
    );
    expect(told.at(-1)).toMatchObject({ type: "run.completed", runId: id });
  });

  test("lists tell whose runs are whose", async () => {
    const id = await start();
    await testService.call("GET", `/v1/runs/${id}/wait?timeoutSeconds=20`);
    const { body } = await testService.call("GET", "/v1/runs?agentId=refunds&limit=1");
    expect(body.data).toMatchObject([{ parentRunId: id, path: ["Support", "Refunds"], status: "holding" }]);
    const { body: outer } = await testService.call("GET", "/v1/runs?agentId=support&limit=1");
    expect(outer.data).toMatchObject([{ id, parentRunId: null, path: null, status: "holding" }]);
  });

  test("a kill-switch over the outer agent holds what the one that it called goes on to do for it", async () => {
    const post = (path: string, body: object) => testService.call("POST", path, { body });
    const { body: run } = await post("/v1/agents/support/runs", {
      input: "refunds: delete 5 then count users",
    });
    const wait = async () =>
      (await testService.call("GET", `/v1/runs/${run.id}/wait?timeoutSeconds=20`)).body;
    const open = async () =>
      (await wait()).holds.find(({ status }: { status: string }) => status === "pending");
    const hold = await open();
    expect((await post("/v1/agents/support/hold", { reason: "it runs wild" })).status).toBe(200);
    const approve = async ({ id, action }: { id: string; action: { hash: string } }) =>
      (await post(`/v1/holds/${id}/decisions`, { verdict: "approve", actionHash: action.hash })).status;
    expect(await approve(hold)).toBe(200);
    await expect.poll(async () => (await open())?.action.name, { timeout: 10_000 }).toBe("count");
    const next = await open();
    expect(next.reasons.at(-1).text).toMatch(/Every action of agent support is held .+: it runs wild/);
    expect(tools.done.map(({ name }) => name)).toEqual(["delete"]);
    expect((await post("/v1/agents/support/release", {})).status).toBe(200);
    expect(await approve(next)).toBe(200);
    await expect.poll(async () => (await wait()).status, { timeout: 10_000 }).toBe("completed");
  });

  test("who started the outer run is the starter below: the separation of the route holds there too (I9)", async () => {
    const rule = {
      id: "other",
      tools: ["delete"],
      effect: { level: "mandatory_review", separation: "starter" },
    };
    const put = await testService.call("PUT", "/v1/policies", { body: { document: { rules: [rule] } } });
    expect(put.status).toBe(200);
    const id = await start();
    const { body: holding } = await testService.call("GET", `/v1/runs/${id}/wait?timeoutSeconds=20`);
    const [hold] = holding.holds;
    const { status, body } = await testService.call("POST", `/v1/holds/${hold.id}/decisions`, {
      body: { verdict: "approve", actionHash: hold.action.hash },
    });
    expect({ status, code: body.code }).toEqual({ status: 403, code: "not_allowed" });
    expect(tools.done).toEqual([]);
  });
});
