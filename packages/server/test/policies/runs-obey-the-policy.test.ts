import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../src/agents/agent.ts";
import { defineConfig } from "../../src/agents/config.ts";
import { defineTool } from "../../src/agents/tool.ts";
import type { RunWorkerFaults } from "../../src/runs/run-worker.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { obey } from "../runs/test-tools.ts";
import { eventsOf, put } from "./policy-fixture.ts";

interface ToolShape {
  version?: string;
  maxCount?: number;
}

/** `count` runs by itself, `delete` needs a person; both record that they ran. */
function configWith(done: string[], { version, maxCount = 1_000 }: ToolShape = {}) {
  const tools = [
    defineTool({
      name: "count",
      description: "Counts.",
      input: z.object({ table: z.string() }),
      reversibility: "reversible",
      execute() {
        done.push("count");
        return { count: 300 };
      },
    }),
    defineTool({
      name: "delete",
      description: "Deletes.",
      input: z.object({
        table: z.string(),
        count: z.number().int().positive().max(maxCount),
        reason: z.string().default("none"),
      }),
      reversibility: "irreversible",
      ...(version !== undefined && { version }),
      execute({ count }) {
        done.push(`delete ${count}`);
        return { deleted: count };
      },
    }),
  ];
  return defineConfig({
    agents: [defineAgent({ id: "tester", name: "Tester", model: "openai/none", tools, script: obey })],
  });
}

describeEachStore("a run under the policy", (store) => {
  let service: TestService;
  let done: string[];
  beforeEach(async () => {
    done = [];
    service = await startTestService(store(), { config: configWith(done) });
    await put(service, { rules: [] });
  });
  afterEach(() => service.stop());

  const start = async (input: string): Promise<string> =>
    (await service.call("POST", "/v1/agents/tester/runs", { body: { input } })).body.id;
  const until = async (id: string, isSo: (run: never) => boolean) => {
    await expect
      .poll(async () => isSo((await service.call("GET", `/v1/runs/${id}`)).body as never), {
        timeout: 10_000,
      })
      .toBe(true);
    return (await service.call("GET", `/v1/runs/${id}`)).body;
  };
  const holding = (id: string) => until(id, ({ status }: { status: string }) => status === "holding");
  const ended = (id: string) => until(id, ({ endedAt }: { endedAt: string | null }) => endedAt !== null);
  const approve = (hold: { id: string; action: { hash: string } }) =>
    service.call("POST", `/v1/holds/${hold.id}/decisions`, {
      body: { verdict: "approve", actionHash: hold.action.hash },
    });
  const restart = async (shape: ToolShape): Promise<void> => {
    await service.stop();
    service = await startTestService(store(), { config: configWith(done, shape) });
  };

  test("its calls are held by rules, with everything that the rule says", async () => {
    const version = await put(service, {
      rules: [{ id: "counting", tools: ["count"], effect: { tier: "async_review", strength: "L2" } }],
    });
    const run = await holding(await start("count"));
    expect(run.holds[0]).toMatchObject({
      rule: "counting",
      tier: "async_review",
      strength: "L2",
      policyVersion: version,
    });
    expect(done).toEqual([]);
  });

  test("the policy changes between the model's answer and its commit: the new one decides, and the model is asked once", async () => {
    await service.stop();
    let isChanged = false;
    const faults: RunWorkerFaults = {
      async hit(point) {
        if (point !== "before:turn" || isChanged) return;
        isChanged = true;
        await put(service, { rules: [{ id: "all", effect: { level: "mandatory_review" } }] });
      },
    };
    service = await startTestService(store(), { config: configWith(done), faults });
    const run = await holding(await start("count"));
    expect(isChanged).toBe(true);
    expect(run.holds[0]).toMatchObject({ rule: "all" });
    expect(run.messages.filter(({ role }: { role: string }) => role === "assistant")).toHaveLength(1);
    expect(done).toEqual([]);
  });

  test("the policy changes between commit and start: what was to run by itself is held", async () => {
    await service.stop();
    let isChanged = false;
    const faults: RunWorkerFaults = {
      async hit(point) {
        if (point !== "before:start" || isChanged) return;
        isChanged = true;
        await put(service, { rules: [{ id: "all", effect: { level: "mandatory_review" } }] });
      },
    };
    service = await startTestService(store(), { config: configWith(done), faults });
    const run = await holding(await start("count"));
    expect([isChanged, run.holds[0].rule, done]).toEqual([true, "all", []]);
    await approve(run.holds[0]);
    await ended(run.id);
    expect(done).toEqual(["count"]);
  });

  test("a tool that changes while its call waits: asked again as it is now, each hold names the other", async () => {
    const id = await start("delete 50");
    const [old] = (await holding(id)).holds;
    await restart({ version: "2" });
    const run = await until(id, ({ holds }: { holds: unknown[] }) => holds.length === 2);
    const next = run.holds.find((hold: { id: string }) => hold.id !== old.id);
    const voided = (await service.call("GET", `/v1/holds/${old.id}`)).body;
    expect(voided).toMatchObject({ status: "cancelled", metadata: { replacedBy: next.id } });
    expect(voided.outcome.comment).toContain("changed while this waited");
    expect(next).toMatchObject({ status: "pending", metadata: { replaces: old.id } });
    expect(next.action.arguments).toEqual(old.action.arguments);
    expect(next.action.hash).not.toBe(old.action.hash);
    expect(next.reasons.at(-1)).toMatchObject({ rule: "asked_again" });
    const [cancelled] = await eventsOf(service, "hold.cancelled", `&holdId=${old.id}`);
    expect(cancelled?.data.replacedBy).toBe(next.id);
    expect((await approve(old)).status).toBe(409);
    expect(done).toEqual([]);
    await approve(next);
    await ended(id);
    expect(done).toEqual(["delete 50"]);
  });

  test("arguments that the changed tool does not take are asked about no more, and the agent is told", async () => {
    const id = await start("delete 50");
    const [old] = (await holding(id)).holds;
    await restart({ maxCount: 10 });
    const run = await ended(id);
    expect(run.holds).toMatchObject([{ id: old.id, status: "cancelled" }]);
    expect(run.toolCalls[0]).toMatchObject({ status: "cancelled" });
    expect(run.output).toContain("do not fit it any more");
    expect(done).toEqual([]);
  });

  test("a hold of an agent elsewhere about a changed tool is withdrawn, with the reason", async () => {
    const { body } = await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { action: { name: "delete", arguments: { table: "users", count: 5 } } },
    });
    const undeclared = await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { action: { name: "elsewhere", arguments: {} } },
    });
    await restart({ version: "3" });
    await expect
      .poll(async () => (await service.call("GET", `/v1/holds/${body.id}`)).body.status, { timeout: 5_000 })
      .toBe("cancelled");
    expect((await service.call("GET", `/v1/holds/${undeclared.body.id}`)).body.status).toBe("pending");
  });

  test("what was approved by one is asked again where two are needed by the time it would start", async () => {
    await service.stop();
    let isChanged = false;
    const faults: RunWorkerFaults = {
      async hit(point) {
        if (point !== "before:start" || isChanged) return;
        isChanged = true;
        await put(service, { rules: [{ id: "two", effect: { quorum: { required: 2, refusals: 1 } } }] });
      },
    };
    service = await startTestService(store(), { config: configWith(done), faults });
    const id = await start("delete 7");
    await approve((await holding(id)).holds[0]);
    const run = await until(id, ({ holds }: { holds: unknown[] }) => holds.length === 2);
    expect(run.holds[1]).toMatchObject({ status: "pending", quorum: { required: 2, votes: [] } });
    await approve(run.holds[1]);
    // Who looks at the run sees who has voted.
    expect((await service.call("GET", `/v1/runs/${id}`)).body.holds[1]).toMatchObject({
      status: "pending",
      quorum: { required: 2, votes: [{ verdict: "approve" }] },
    });
    expect(done).toEqual([]);
  });
});
