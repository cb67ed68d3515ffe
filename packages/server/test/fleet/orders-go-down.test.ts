import { afterEach, beforeEach, expect, test } from "vitest";
import { defineAgent } from "../../src/agents/agent.ts";
import { agentTool } from "../../src/agents/agent-tool.ts";
import { defineConfig } from "../../src/agents/config.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { passOn, refundsAgent } from "../runs/nested-agents.ts";
import { createTestTools, type TestTools } from "../runs/test-tools.ts";
import { fleetCalls } from "./fleet-fixture.ts";

describeEachStore("a pause over an agent is over what it has called", (store) => {
  let service: TestService;
  let tools: TestTools;
  const { get, ok, start, until, ended, paused, approve } = fleetCalls(() => service);
  beforeEach(async () => {
    tools = createTestTools();
    const inner = refundsAgent(tools);
    const outer = defineAgent({
      id: "outer",
      name: "Outer",
      model: "openai/none",
      tools: [agentTool(inner)],
      script: passOn,
    });
    service = await startTestService(store(), { config: defineConfig({ agents: [outer, inner] }) });
  });
  afterEach(() => service.stop());

  const childOf = async (runId: string): Promise<string> => {
    const run = await until(runId, ({ toolCalls }) => toolCalls[0]?.childRunId != null);
    return run.toolCalls[0].childRunId;
  };

  test("both pause, both go on when it is lifted, and what was approved meanwhile is executed once", async () => {
    const runId = await start("refunds: delete 5", {}, "outer");
    const inner = await childOf(runId);
    const { holds } = await until(inner, ({ status }) => status === "holding");
    await ok("/v1/agents/outer/pause", { reason: "look" });
    expect(await paused(inner)).toMatchObject({ pauseScope: "agent" });
    await paused(runId);
    await approve(holds[0]);
    expect((await get(`/v1/runs/${inner}`)).status).toBe("paused");
    expect(await ok("/v1/agents/outer/resume", {})).toMatchObject({ runs: 2 });
    expect((await ended(runId)).status).toBe("completed");
    expect(tools.done.map(({ name }) => name)).toEqual(["delete"]);
  });

  test("given and lifted while it calls: nothing stays behind, 10 times", async () => {
    for (let round = 0; round < 10; round++) {
      const runId = await start("refunds: count users", {}, "outer");
      await ok("/v1/agents/outer/pause", {});
      await ok("/v1/agents/outer/resume", {});
      expect((await ended(runId)).status).toBe("completed");
    }
    expect(tools.done).toHaveLength(10);
  });
});
