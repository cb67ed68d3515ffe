import type { HoldpointEvent, Run } from "@holdpoint/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../src/agents/agent.ts";
import { defineConfig } from "../../src/agents/config.ts";
import type { Script } from "../../src/agents/models/scripted-model.ts";
import { defineTool } from "../../src/agents/tool.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { obey } from "./test-tools.ts";

const clean = defineTool({
  name: "delete",
  description: "Deletes.",
  input: z.object({ table: z.string(), count: z.number().int().positive() }),
  reversibility: "irreversible",
  requiresConfirmation: true,
  execute: ({ count }) => ({ deleted: count }),
});
const count = defineTool({
  name: "count",
  description: "Counts.",
  input: z.object({ table: z.string() }),
  reversibility: "reversible",
  execute: () => ({ count: 300 }),
});

const script: Script = (turn) => obey(turn);

describeEachStore("a run is inspected and steered over HTTP", (store) => {
  let service: TestService;
  beforeEach(async () => {
    service = await startTestService(store(), {
      config: defineConfig({
        agents: [
          defineAgent({ id: "tester", name: "Tester", model: "openai/none", tools: [clean, count], script }),
        ],
        prices: { "script/tester": { currency: "EUR", inputPerMillion: 2, outputPerMillion: 8 } },
      }),
    });
  });
  afterEach(() => service.stop());

  const post = (path: string, body: object, key = service.adminKey) =>
    service.call("POST", path, { key, body });
  async function start(input: string): Promise<string> {
    return (await post("/v1/agents/tester/runs", { input })).body.id as string;
  }
  async function wait(runId: string): Promise<Run> {
    return (await service.call("GET", `/v1/runs/${runId}/wait`)).body as Run;
  }

  test("a word, a result by hand, a withdrawal, other arguments and a fork, each with what it answers", async () => {
    const runId = await start("count users; delete 5; delete 6; delete 7");
    const held = await wait(runId);
    const calls = held.toolCalls.map(({ id }) => id);
    expect(held.toolCalls[0]?.reasons).toEqual([{ rule: "reversibility", text: "count is reversible." }]);
    expect(held.toolCalls[1]?.reasons).toBeNull();

    const word = await post(`/v1/runs/${runId}/messages`, { text: "Careful." });
    expect([word.status, word.body.text, word.body.heardStep]).toEqual([201, "Careful.", null]);
    const given = await post(`/v1/runs/${runId}/calls/${calls[1]}/result`, {
      result: null,
      reason: "by hand",
    });
    expect([given.status, given.body.status, given.body.result]).toEqual([200, "succeeded", null]);
    const both = await post(`/v1/runs/${runId}/calls/${calls[2]}/result`, {
      result: 1,
      error: "no",
      reason: "by hand",
    });
    expect([both.status, both.body.code]).toEqual([422, "invalid_request"]);
    const withdrawn = await post(`/v1/runs/${runId}/calls/${calls[2]}/withdraw`, { reason: "not these" });
    expect([withdrawn.status, withdrawn.body.status]).toEqual([200, "cancelled"]);
    const misfit = await post(`/v1/runs/${runId}/calls/${calls[3]}/amend`, {
      arguments: { table: "users", count: "all" },
      reason: "more",
    });
    expect([misfit.status, misfit.body.code, misfit.body.errors[0].path]).toEqual([
      422,
      "invalid_arguments",
      "arguments.count",
    ]);
    const amended = await post(`/v1/runs/${runId}/calls/${calls[3]}/amend`, {
      arguments: { table: "users", count: 1 },
      reason: "one is enough",
    });
    expect([amended.status, amended.body.status]).toEqual([200, "gated"]);
    expect((await post(`/v1/runs/${runId}/fork`, { fromStep: 1 })).status).toBe(409);
    const hold = (await service.call("GET", `/v1/holds/${amended.body.holdId}`)).body;
    await post(`/v1/holds/${hold.id}/decisions`, { verdict: "approve", actionHash: hold.action.hash });
    const run = await wait(runId);
    expect(run).toMatchObject({
      status: "completed",
      notes: [{ text: "Careful.", heardStep: 2, by: { kind: "member" } }],
      cost: { currency: "EUR", amount: 0 },
      steps: [{ cost: { currency: "EUR", amount: 0 } }, { cost: { currency: "EUR", amount: 0 } }],
    });
    expect(run.time.holdingMs).toBeGreaterThan(0);
    expect((await post(`/v1/runs/${runId}/messages`, { text: "Late." })).body.code).toBe("run_ended");
    const forked = await post(`/v1/runs/${runId}/fork`, { fromStep: 1, message: "count users" });
    expect([forked.status, forked.body.forkedFrom]).toEqual([201, { runId, step: 1 }]);
    expect(await wait(forked.body.id as string)).toMatchObject({
      status: "completed",
      toolCalls: [{ reusedFrom: { runId, toolCallId: calls[0] } }],
    });
    const report = await service.call("GET", `/v1/audit?runId=${runId}`);
    const entries = report.body as { data: { event: HoldpointEvent }[] };
    for (const type of ["run.message", "action.taken_over", "action.withdrawn", "action.amended"])
      expect(entries.data.find(({ event }) => event.type === type)?.event).toMatchObject({
        actor: { kind: "member" },
      });
  });

  test("time is told apart: queued, running, waiting for people, paused; and what it all was when it ended", async () => {
    const runId = await start("delete 5");
    await wait(runId);
    await store().advance(60_000);
    await post(`/v1/runs/${runId}/pause`, {});
    await expect
      .poll(async () => (await service.call("GET", `/v1/runs/${runId}`)).body.status, { timeout: 15_000 })
      .toBe("paused");
    await store().advance(180_000);
    const paused = (await service.call("GET", `/v1/runs/${runId}`)).body as Run;
    const minutes = ({ time }: Run) =>
      [time.queuedMs, time.runningMs, time.holdingMs, time.pausedMs].map((ms) => Math.round(ms / 60_000));
    expect(minutes(paused)).toEqual([0, 0, 1, 3]);
    await post(`/v1/runs/${runId}/cancel`, {});
    await store().advance(600_000);
    const over = (await service.call("GET", `/v1/runs/${runId}`)).body as Run;
    expect(minutes(over)).toEqual([0, 0, 1, 3]);
    const { queuedMs, runningMs, holdingMs, pausedMs } = over.time;
    const whole = Date.parse(over.endedAt ?? "") - Date.parse(over.createdAt);
    expect(Math.abs(queuedMs + runningMs + holdingMs + pausedMs - whole)).toBeLessThanOrEqual(5);
  });

  test("the stream of a run is replayed from any id: of an event, or of a message of the stream (I12)", async () => {
    const runId = await start("count users");
    await wait(runId);
    const whole = await readStream(runId, "");
    expect(whole.map(({ event }) => event.type)).toEqual([
      "run.started",
      "run.step",
      "action.auto_proceeded",
      "action.executed",
      "run.step",
      "run.completed",
    ]);
    for (const [index, { id, event }] of whole.entries()) {
      const rest = whole.slice(index + 1).map(({ event: later }) => later.id);
      for (const after of [event.id, id]) {
        const read = (await readStream(runId, `?after=${after}`)).map(({ event: later }) => later.id);
        // While an older transaction is under way, wherever in the cluster, some of what was told comes again.
        const again = read.length - rest.length;
        expect(again).toSatisfy((count: number) => count >= 0 && count <= index + 1);
        expect(read.slice(again)).toEqual(rest);
      }
    }
    const unknown = await service.call("GET", `/v1/runs/${runId}/events?after=evt_nothing`);
    expect([unknown.status, unknown.body.errors[0].path]).toEqual([422, "after"]);
  });

  async function readStream(runId: string, query: string): Promise<{ id: string; event: HoldpointEvent }[]> {
    const response = await service.service.app.request(
      `http://localhost:7777/v1/runs/${runId}/events${query}`,
      { headers: { host: "localhost:7777", authorization: `Bearer ${service.adminKey}` } },
    );
    const text = await response.text();
    return text.split("\n\n").flatMap((block) => {
      const id = /^id: (.+)$/m.exec(block)?.[1];
      const data = /^data: (.+)$/m.exec(block)?.[1];
      if (id === undefined || data === undefined) return [];
      return [{ id, event: JSON.parse(data) as HoldpointEvent }];
    });
  }
});
