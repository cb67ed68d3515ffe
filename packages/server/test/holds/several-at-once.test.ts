import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../src/agents/agent.ts";
import { defineConfig } from "../../src/agents/config.ts";
import { defineTool } from "../../src/agents/tool.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";

const tool = (name: string, impact: "low" | "high") =>
  defineTool({
    name,
    description: "Does something.",
    input: z.object({ id: z.int() }),
    reversibility: "partially_reversible",
    impact,
    requiresConfirmation: true,
    execute: () => "done",
  });
const config = defineConfig({
  agents: [
    defineAgent({
      id: "worker",
      name: "Worker",
      model: "openai/gpt-5.2",
      instructions: "Work.",
      script: () => ({ text: "Done." }),
      tools: [tool("tag", "low"), tool("untag", "low"), tool("pay", "high")],
    }),
  ],
});

describeEachStore("POST /v1/decisions", (store) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(store(), { config });
  });
  afterAll(() => service.stop());

  const ask = async (name: string, id: number) => {
    const { body } = await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { action: { name, arguments: { id } } },
    });
    return body as { id: string; action: { hash: string } };
  };
  const yes = ({ id, action }: Awaited<ReturnType<typeof ask>>) => ({
    holdId: id,
    verdict: "approve",
    actionHash: action.hash,
  });
  const decide = (decisions: object[], more: object = {}, headers: Record<string, string> = {}) =>
    service.call("POST", "/v1/decisions", { body: { decisions, ...more }, headers });
  const statusOf = async ({ id }: { id: string }) =>
    (await service.call("GET", `/v1/holds/${id}`)).body.status as string;

  test.each([false, true])("with a key stands for those holds and no others (atomic: %s)", async (atomic) => {
    const [a, b] = [await ask("tag", 1), await ask("tag", 2)];
    const key = { "idempotency-key": `those-${atomic}` };
    expect((await decide([yes(a)], { atomic }, key)).status).toBe(200);
    expect(await decide([yes(b)], { atomic }, key)).toMatchObject({
      status: 422,
      body: { code: "idempotency_mismatch" },
    });
    expect(await statusOf(b)).toBe("pending");
    expect((await decide([yes(a)], { atomic }, key)).status).toBe(200);
  });

  test("tells of each what became of it; a key makes it safe to repeat", async () => {
    const [a, b, c] = [await ask("tag", 1), await ask("tag", 2), await ask("tag", 3)];
    const wrong = { ...yes(b), actionHash: a.action.hash };
    const decisions = [yes(a), wrong, { holdId: c.id, verdict: "reject", comment: "No." }];
    for (let times = 0; times < 2; times++) {
      const { status, body } = await decide(decisions, {}, { "idempotency-key": "several-1" });
      expect(status).toBe(200);
      expect(body.results).toMatchObject([
        { holdId: a.id, hold: { status: "approved" } },
        { holdId: b.id, error: { code: "action_changed", status: 409 } },
        { holdId: c.id, hold: { status: "rejected", outcome: { comment: "No." } } },
      ]);
    }
    expect(await statusOf(b)).toBe("pending");
    const { body } = await service.call("GET", `/v1/holds/${a.id}`);
    expect(body.decisions).toHaveLength(1);
  });

  test("atomic: all or none", async () => {
    const [a, b] = [await ask("tag", 1), await ask("tag", 2)];
    const refused = await decide([yes(a), { ...yes(b), actionHash: a.action.hash }], { atomic: true });
    expect([refused.status, refused.body.code]).toEqual([409, "action_changed"]);
    expect([await statusOf(a), await statusOf(b)]).toEqual(["pending", "pending"]);
    const done = await decide([yes(b), yes(a)], { atomic: true });
    expect(done.body.results).toMatchObject([
      { holdId: b.id, hold: { status: "approved" } },
      { holdId: a.id, hold: { status: "approved" } },
    ]);
  });

  test("what is not alike, of high impact or given twice is refused as a whole", async () => {
    const [tag, untag, pay] = [await ask("tag", 1), await ask("untag", 2), await ask("pay", 3)];
    for (const decisions of [[yes(tag), yes(untag)], [yes(pay)], [yes(tag), yes(tag)]]) {
      const { status, body } = await decide(decisions);
      expect([status, body.code]).toEqual([422, "invalid_request"]);
    }
    expect([await statusOf(tag), await statusOf(untag), await statusOf(pay)]).toEqual([
      "pending",
      "pending",
      "pending",
    ]);
    expect((await decide([yes(tag), { holdId: "hold_unknown", verdict: "reject" }])).status).toBe(404);
    expect((await decide([])).status).toBe(422);
  });

  test("an agent's key decides none (I9)", async () => {
    const hold = await ask("tag", 1);
    const body = { decisions: [yes(hold)] };
    const told = await service.call("POST", "/v1/decisions", { key: service.agentKey, body });
    expect(told.body.results).toMatchObject([{ error: { code: "not_allowed", status: 403 } }]);
    const atomic = { ...body, atomic: true };
    expect(
      (await service.call("POST", "/v1/decisions", { key: service.agentKey, body: atomic })).status,
    ).toBe(403);
    expect(await statusOf(hold)).toBe("pending");
  });
});
