import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../src/agents/agent.ts";
import { defineConfig } from "../../src/agents/config.ts";
import { defineTool } from "../../src/agents/tool.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";

const base = { description: "Test.", input: z.object({ n: z.number() }), execute: () => ({}) };
const toManager = defineTool({ ...base, name: "wire", requiresConfirmation: "manager" });
const tools = [
  toManager,
  defineTool({ ...base, name: "erase", requiresConfirmation: "admin" }),
  defineTool({ ...base, name: "draft", reversibility: "reversible", requiresConfirmation: true }),
  defineTool({
    ...base,
    name: "publish",
    reversibility: "reversible",
    requiresConfirmation: true,
    onTimeout: "approve",
    timeoutSeconds: 200,
  }),
  defineTool({ ...base, name: "silent" }),
  defineTool({
    ...base,
    name: "broken",
    requiresConfirmation: { threshold: 10 },
    value: () => {
      throw new Error("no rate today");
    },
  }),
];
const agent = { model: "openai/gpt-5.2", instructions: "Test.", script: () => ({ text: "Done." }) };
const config = defineConfig({
  agents: [
    defineAgent({ ...agent, id: "bank", name: "Bank", tools }),
    defineAgent({ ...agent, id: "clerk", name: "Clerk", tools: [] }),
  ],
});

/** An agent elsewhere proposes a call of a declared tool: the declaration stands, whatever it sends along. */
describeEachStore("what a tool declares is not for its caller to soften", (store) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(store(), { config });
  });
  afterAll(() => service.stop());

  const propose = (name: string, body: object = {}, action: object = {}) =>
    service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { action: { name, arguments: { n: 1 }, ...action }, ...body },
    });

  test("a wider route is refused, a narrower one taken", async () => {
    for (const role of ["reviewer", "operator"]) {
      const { status, body } = await propose("wire", { route: { role } });
      expect([status, body.errors[0].path]).toEqual([422, "route.role"]);
    }
    expect((await propose("wire")).body.route).toEqual({ role: "manager" });
    expect((await propose("wire", { route: { role: "admin" } })).body.route).toEqual({ role: "admin" });
    expect((await propose("draft", { route: { role: "manager" } })).body.route).toEqual({ role: "manager" });
  });

  test("silence releases nothing that the declaration does not release, and no sooner", async () => {
    const { status, body } = await propose("draft", { onTimeout: "approve", timeoutSeconds: 1 });
    expect([status, body.errors[0].path]).toEqual([422, "onTimeout"]);
    const hold = (await propose("publish", { timeoutSeconds: 1 })).body;
    expect(hold.onTimeout).toBe("approve");
    expect(Date.parse(hold.expiresAt) - Date.parse(hold.createdAt)).toBe(200_000);
  });

  test("nor does silence bring it before those whom the declaration keeps out", async () => {
    const { body } = await propose("erase", { onTimeout: "escalate", timeoutSeconds: 60 });
    expect(body).toMatchObject({ status: "pending", route: { role: "admin" }, onTimeout: "reject" });
    expect((await propose("draft", { onTimeout: "escalate" })).body.onTimeout).toBe("escalate");
  });

  test("of an undeclared action a rule's word stands: silence does not release it, nor later than it says", async () => {
    const rule = { id: "pay", tools: ["pay"], effect: { tier: "sync_gate", route: { role: "admin" } } };
    const document = { rules: [rule], tiers: { sync_gate: { timeoutSeconds: 120 } } };
    expect((await service.call("PUT", "/v1/policies", { body: { document } })).status).toBe(200);
    const about = { reversibility: "reversible" };
    const hold = (await propose("pay", { onTimeout: "approve", timeoutSeconds: 1 }, about)).body;
    expect(hold).toMatchObject({ rule: "pay", onTimeout: "reject" });
    const late = (await propose("pay", { timeoutSeconds: 9_000 }, about)).body;
    expect(Date.parse(late.expiresAt) - Date.parse(late.createdAt)).toBe(120_000);
    expect((await service.call("PUT", "/v1/policies", { body: { document: { rules: [] } } })).status).toBe(
      200,
    );
  });

  test("a declared tool that says nothing of reversibility is irreversible, whatever its caller says", async () => {
    const { status, body } = await propose("silent", {}, { reversibility: "reversible", impact: "low" });
    expect(status).toBe(201);
    expect(body.action).toMatchObject({ reversibility: "irreversible", impact: "high" });
  });

  test("another agent's id does not shed the declaration", async () => {
    const { status, body } = await propose("wire", { agentId: "clerk" }, { reversibility: "reversible" });
    expect([status, body.route?.role]).toEqual([201, "manager"]);
    expect(body.action.schema).not.toBeNull();
  });

  test("a value that cannot be had holds the action, and no value of the caller's stands in for it", async () => {
    const { status, body } = await propose("broken", {}, { value: 1 });
    expect(status).toBe(201);
    expect(body.reasons.map(({ rule }: { rule: string }) => rule)).toContain("fail_closed");
  });

  test("a hold of tier automated would end at once: it gets the tier of its gate", async () => {
    const { body } = await propose("draft", { tier: "automated" });
    expect(body).toMatchObject({ status: "pending", tier: "sync_gate" });
  });

  test("a schema of promises is refused: its every answer would fit, and a wrong one end the process", async () => {
    for (const schema of [
      { $async: true, type: "string" },
      { type: "object", properties: { a: { $async: true } } },
      { $async: "yes", type: "string" },
    ]) {
      const { status, body } = await service.call("POST", "/v1/holds", {
        key: service.agentKey,
        body: { kind: "clarification", question: { type: "input", schema } },
      });
      expect([status, body.errors[0].path]).toEqual([422, "question.schema"]);
    }
  });
});
