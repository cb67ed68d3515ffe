import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../src/agents/agent.ts";
import { defineConfig } from "../../src/agents/config.ts";
import type { ToolEndUser } from "../../src/agents/tool-context.ts";
import { defineTool } from "../../src/agents/tool.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { boundDevice, seedOther, tokenOf } from "./end-user-fixture.ts";

describeEachStore("a run waits for the end user that it works for", (store) => {
  let service: TestService;
  const told: (ToolEndUser | null)[] = [];
  beforeAll(async () => {
    const book = defineTool({
      name: "book",
      description: "Book.",
      input: z.object({}),
      reversibility: "reversible",
      execute: async (_args, { ask, endUser }) => {
        told.push(endUser);
        return { seat: await ask.choice("seat", ["aisle", "window"]) };
      },
    });
    service = await startTestService(store(), {
      config: defineConfig({
        agents: [
          defineAgent({
            id: "travel",
            name: "Travel desk",
            model: "openai/gpt-5.2",
            instructions: "Book.",
            tools: [book],
            script: ({ results }) =>
              results.length === 0 ? { toolCalls: [{ name: "book", arguments: {} }] } : { text: "Booked." },
          }),
        ],
      }),
    });
  });
  afterAll(() => service.stop());

  test("its tools know the person, the person answers on their own device, and the run goes on (R26 to R29)", async () => {
    await service.call("PUT", "/v1/end-users/liv", {
      body: { name: "Liv Moe", email: "liv@example.com", preferences: { seat: "window" } },
    });
    const device = await boundDevice(service, "liv");
    const started = await service.call("POST", "/v1/agents/travel/runs", {
      body: { input: "Oslo", endUserId: "liv" },
    });
    const open = async () => (await device.call("GET", "/v1/questions?status=open")).body.data;
    await expect.poll(async () => (await open()).length, { timeout: 10_000 }).toBe(1);
    const [question] = await open();
    expect(question).toMatchObject({ kind: "clarification", agentId: "travel", agentName: "Travel desk" });
    const other = await seedOther(store());
    for (const key of [await tokenOf(service, "ola"), await tokenOf(service, "liv", other.adminKey)]) {
      const foreign = await service.call("POST", `/v1/questions/${question.id}/answer`, {
        key,
        body: { answer: "aisle" },
      });
      expect(foreign.status).toBe(404);
    }
    const answered = await device.call("POST", `/v1/questions/${question.id}/answer`, {
      body: { answer: "window" },
    });
    expect(answered.body).toMatchObject({ status: "answered", answer: "window" });
    const run = async () => (await service.call("GET", `/v1/runs/${started.body.id}`)).body;
    await expect.poll(async () => (await run()).status, { timeout: 10_000 }).toBe("completed");
    expect((await run()).toolCalls).toMatchObject([{ status: "succeeded", result: { seat: "window" } }]);
    expect(told).toEqual(
      Array.from({ length: 2 }, () => ({
        id: "liv",
        name: "Liv Moe",
        email: "liv@example.com",
        phone: null,
        additionalData: {},
        preferences: { seat: "window" },
      })),
    );
    told.length = 0;
  });
});
