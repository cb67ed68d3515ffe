import { afterAll, beforeAll, expect, test } from "vitest";
import type { Script } from "../../src/agents/models/scripted-model.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { signIn } from "./grant-fixture.ts";
import { eventsOf, propose, put, testConfig, testTool } from "./policy-fixture.ts";

const script: Script = ({ results }) =>
  results.length === 0 ? { toolCalls: [{ name: "tag", arguments: { n: 3, to: "run" } }] } : { text: "Done." };
const config = testConfig(
  [
    testTool({ name: "tag", reversibility: "reversible" }),
    testTool({ name: "wipe", reversibility: "irreversible" }),
  ],
  {
    script,
  },
);
const SAMPLED = {
  rules: [{ id: "tags", tools: ["tag"], effect: { level: "auto_proceed" as const, sample: 0.25 } }],
};

/** R97: what proceeded by itself, judged afterwards. */
describeEachStore("samples", (store) => {
  let service: TestService;
  const shares: number[] = [];
  let isDrawn = true;
  beforeAll(async () => {
    const sampling = {
      draw(share: number): boolean {
        shares.push(share);
        return share > 0 && isDrawn;
      },
    };
    service = await startTestService(store(), { config, sampling });
    await put(service, SAMPLED);
  });
  afterAll(() => service.stop());
  const open = async () => (await service.call("GET", "/v1/samples?status=open")).body.data;

  test("are drawn with the rule's share from what proceeds, and kept with what was done", async () => {
    await propose(service, "tag", { arguments: { n: 1, to: "a" }, action: { confidence: 0.9 } });
    expect(shares.at(-1)).toBe(0.25);
    const [sample] = await open();
    expect(sample).toMatchObject({
      status: "open",
      rule: "tags",
      confidence: 0.9,
      action: { name: "tag", arguments: { n: 1, to: "a" } },
      execution: null,
      review: null,
    });
    const [event] = await eventsOf(service, "action.auto_proceeded");
    expect(event?.data.sampleId).toBe(sample.id);
    isDrawn = false;
    await propose(service, "tag");
    isDrawn = true;
    await propose(service, "wipe");
    expect(await open()).toHaveLength(1);
  });

  test("a repeated request is not drawn twice", async () => {
    const before = (await open()).length;
    const headers = { "idempotency-key": "sampled-once" };
    await propose(service, "tag", { headers });
    await propose(service, "tag", { headers });
    expect(await open()).toHaveLength(before + 1);
  });

  test("of a run's call show how it ended", async () => {
    const { body: run } = await service.call("POST", "/v1/agents/tester/runs", { body: { input: "go" } });
    await expect
      .poll(async () => (await service.call("GET", `/v1/runs/${run.id}`)).body.status, { timeout: 10_000 })
      .toBe("completed");
    const sample = (await open()).find(({ runId }: { runId: string }) => runId === run.id);
    expect(sample).toMatchObject({
      agentId: "tester",
      action: { arguments: { n: 3, to: "run" } },
      execution: { status: "succeeded", result: { done: true } },
    });
  });

  test("are judged by people, once, by one of them, who may change their mind", async () => {
    const [sample] = await open();
    const path = `/v1/samples/${sample.id}/review`;
    const [viewer, reviewer, colleague] = await Promise.all([
      signIn(service, "viewer"),
      signIn(service, "reviewer"),
      signIn(service, "reviewer"),
    ]);
    const verdict = { verdict: "incorrect", comment: "Wrong tag." };
    expect((await service.call("POST", path, { key: service.agentKey, body: verdict })).status).toBe(403);
    expect((await viewer.call("POST", path, verdict)).status).toBe(403);
    const judged = await reviewer.call("POST", path, verdict);
    expect([judged.status, judged.body]).toMatchObject([
      200,
      { status: "reviewed", review: { ...verdict, by: { name: "reviewer" } } },
    ]);
    expect((await reviewer.call("POST", path, verdict)).status).toBe(200);
    expect((await colleague.call("POST", path, { verdict: "correct" })).body.code).toBe("conflict");
    expect((await reviewer.call("POST", path, { verdict: "correct" })).status).toBe(200);
    const events = await eventsOf(service, "sample.reviewed");
    expect(events.map(({ data }) => [data.before, data.verdict])).toEqual([
      ["incorrect", "correct"],
      [null, "incorrect"],
    ]);
    expect((await open()).map(({ id }: { id: string }) => id)).not.toContain(sample.id);
    expect((await service.call("POST", "/v1/samples/smp_none/review", { body: verdict })).status).toBe(404);
    expect((await service.call("GET", "/v1/samples", { key: service.agentKey })).status).toBe(403);
  });

  test("make the table of calibration, by agent", async () => {
    for (const sample of await open())
      await service.call("POST", `/v1/samples/${sample.id}/review`, { body: { verdict: "unsure" } });
    const before = (await service.call("GET", "/v1/insights/calibration")).body;
    for (const [confidence, verdict] of [
      [0.95, "correct"],
      [0.95, "correct"],
      [0.15, "incorrect"],
    ] as const) {
      await propose(service, "tag", { action: { confidence }, body: { agentId: "lab" } });
      const [sample] = await open();
      await service.call("POST", `/v1/samples/${sample.id}/review`, { body: { verdict } });
    }
    const { body, status } = await service.call("GET", "/v1/insights/calibration?agentId=lab");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      target: 0.95,
      overall: { count: 3, correct: 2, suggestedThreshold: null },
      agents: [{ agentId: "lab", count: 3 }],
      leftOut: 0,
    });
    expect(body.overall.bins[9]).toMatchObject({ count: 2, observed: 1 });
    expect(body.overall.expectedCalibrationError).toBeCloseTo((2 * 0.05 + 0.15) / 3, 9);
    const all = (await service.call("GET", "/v1/insights/calibration?target=0.5")).body;
    expect(all.overall.count).toBe(before.overall.count + 3);
  });
});
