import { afterAll, beforeAll, expect, test } from "vitest";
import type { Script } from "../../src/agents/models/scripted-model.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { signIn } from "./grant-fixture.ts";
import { put, testConfig, testTool } from "./policy-fixture.ts";

/** As many calls at once as it is told. */
const script: Script = ({ text, results }) =>
  results.length === 0
    ? {
        toolCalls: Array.from({ length: Number(text) }, (_, n) => ({
          name: "tag",
          arguments: { n, to: "t" },
        })),
      }
    : { text: "Done." };
const config = testConfig(
  [testTool({ name: "tag", reversibility: "reversible", requiresConfirmation: true })],
  {
    script,
  },
);
const HOUR = { expiresInSeconds: 3_600 };

describeEachStore("a run's calls under a grant", (store) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(store(), { config });
  });
  afterAll(() => service.stop());

  type Start = (path: string, body: object) => Promise<{ body: { id: string } }>;
  const byAdmin: Start = (path, body) => service.call("POST", path, { body });
  async function runUntil(input: string, status: string, start = byAdmin) {
    const started = await start("/v1/agents/tester/runs", { input });
    const read = async () => (await service.call("GET", `/v1/runs/${started.body.id}`)).body;
    await expect.poll(async () => (await read()).status, { timeout: 15_000 }).toBe(status);
    return read();
  }
  const countBy = (run: { toolCalls: { status: string }[] }, status: string) =>
    run.toolCalls.filter((call) => call.status === status).length;

  test("of eight that want three uses three run, and a person is asked about five", async () => {
    const { body: grant } = await service.call("POST", "/v1/grants", {
      body: { tool: "tag", ...HOUR, uses: 3 },
    });
    const run = await runUntil("8", "holding");
    expect([countBy(run, "succeeded"), countBy(run, "gated")]).toEqual([3, 5]);
    const shown = (await service.call("GET", `/v1/grants/${grant.id}`)).body;
    expect(shown).toMatchObject({ usesLeft: 0, usedCount: 3, recentUses: [{ runId: run.id }, {}, {}] });
    const { body } = await service.call("GET", `/v1/audit/entries?limit=200&runId=${run.id}`);
    const uses = body.data
      .map(({ event }: { event: { type: string; data: object } }) => event)
      .filter(({ type }: { type: string }) => type === "action.auto_proceeded");
    expect(uses.map(({ data }: { data: { grantId: string } }) => data.grantId)).toEqual([
      grant.id,
      grant.id,
      grant.id,
    ]);
  });

  test("what a person approved takes no use", async () => {
    const run = await runUntil("1", "holding");
    const { body: grant } = await service.call("POST", "/v1/grants", {
      body: { tool: "tag", ...HOUR, uses: 1 },
    });
    const [hold] = run.holds;
    await service.call("POST", `/v1/holds/${hold.id}/decisions`, {
      body: { verdict: "approve", actionHash: hold.action.hash },
    });
    await expect
      .poll(async () => (await service.call("GET", `/v1/runs/${run.id}`)).body.status, { timeout: 15_000 })
      .toBe("completed");
    const { body } = await service.call("GET", `/v1/grants/${grant.id}`);
    expect([body.usesLeft, body.usedCount]).toEqual([1, 0]);
    await service.call("DELETE", `/v1/grants/${grant.id}`);
  });

  test("where whoever starts a run may not decide, their grant is not for it (I9)", async () => {
    await put(service, {
      rules: [{ id: "other", tools: ["tag"], effect: { level: "mandatory_review", separation: "starter" } }],
    });
    const operator = await signIn(service, "operator");
    const { body: grant } = await operator.call("POST", "/v1/grants", { tool: "tag", ...HOUR });
    const own = await runUntil("1", "holding", (path, body) => operator.call("POST", path, body));
    expect(countBy(own, "gated")).toBe(1);
    await runUntil("1", "completed");
    await operator.call("DELETE", `/v1/grants/${grant.id}`);
  });
});
