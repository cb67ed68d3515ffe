import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../src/agents/agent.ts";
import { defineConfig, type DefinedConfig } from "../../src/agents/config.ts";
import { defineTool } from "../../src/agents/tool.ts";
import { seedOrganisation } from "../../src/testing/organisation.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { obey } from "../runs/test-tools.ts";
import { put } from "../policies/policy-fixture.ts";
import { fleetCalls } from "./fleet-fixture.ts";

/** `count` runs by itself; `delete` needs a person; `put` has a time of its own; each call passes the agent's own hook. */
function configure(done: string[], { version = "1", without = "" } = {}): DefinedConfig {
  const tools = [
    defineTool({
      name: "count",
      version,
      description: "Counts.",
      input: z.object({ table: z.string() }),
      reversibility: "reversible",
      execute: ({ table }) => void done.push(`count ${table}`),
    }),
    defineTool({
      name: "delete",
      description: "Deletes.",
      input: z.object({ table: z.string(), count: z.number().int() }),
      reversibility: "irreversible",
      requiresConfirmation: "manager",
      timeoutSeconds: 120,
      execute: ({ count }) => void done.push(`delete ${count}`),
    }),
    defineTool({
      name: "put",
      description: "Puts.",
      input: z.object({ key: z.string() }),
      reversibility: "reversible",
      requiresConfirmation: true,
      onTimeout: "approve",
      timeoutSeconds: 120,
      execute: ({ key }) => void done.push(`put ${key}`),
    }),
  ];
  return defineConfig({
    agents: [
      defineAgent({
        id: "tester",
        name: "Tester",
        model: "openai/none",
        tools: tools.filter(({ name }) => name !== without),
        script: obey,
        beforeToolCall: ({ name }) => {
          if (name === "count") done.push("looked at");
        },
      }),
    ],
  });
}

function secondsOf({ createdAt, expiresAt }: { createdAt: string; expiresAt: string }): number {
  return Math.round((Date.parse(expiresAt) - Date.parse(createdAt)) / 1_000);
}

// I1 and I13: what is made over the API narrows what tool and policy let through, and widens nothing.
describeEachStore("an agent that is made over the API", (store) => {
  let service: TestService;
  const done: string[] = [];
  const { post, get, ok, start, holding, ended, until, approve, events } = fleetCalls(() => service);
  beforeAll(async () => {
    service = await startTestService(store(), { config: configure(done) });
  });
  afterAll(() => service.stop());
  beforeEach(() => void done.splice(0));
  const remove = (id: string) => service.call("DELETE", `/v1/agents/${id}`);

  test("runs with the config's tools, their gates and the hooks around them", async () => {
    const agent = await ok("/v1/agents", { name: "Helper", tools: ["count", "delete"] });
    expect(agent).toMatchObject({
      id: expect.stringMatching(/^agt_/),
      name: "Helper",
      source: "api",
      isScripted: true,
      tools: [
        { name: "count", requiresConfirmation: false, settings: null },
        { name: "delete", requiresConfirmation: true },
      ],
    });
    expect(await get(`/v1/agents/${agent.id}`)).toEqual(agent);
    const run = await holding(await start("count users; delete 5", {}, agent.id));
    expect(done).toEqual(["looked at", "count users"]);
    expect(run.holds).toHaveLength(1);
    expect(run.holds[0]).toMatchObject({ route: { role: "manager" }, agentId: agent.id });
    await approve(run.holds[0]);
    expect((await ended(run.id)).status).toBe("completed");
    expect(done).toEqual(["looked at", "count users", "delete 5"]);
    expect(await events("agent.created")).toMatchObject([
      { agentId: agent.id, actor: { kind: "member" }, data: { tools: ["count", "delete"] } },
    ]);
  });

  test("demands confirmation, shorter times and another silence; lifts none", async () => {
    const { id } = await ok("/v1/agents", {
      id: "careful",
      name: "Careful",
      tools: ["count", "delete", "put"],
      toolSettings: {
        count: { requiresConfirmation: true, timeoutSeconds: 60, onTimeout: "skip" },
        delete: { timeoutSeconds: 3_600, onTimeout: "skip" },
        put: { timeoutSeconds: 5 },
      },
    });
    const run = await holding(await start("count users; delete 5; put a", {}, id));
    const seen = run.holds.map((hold: never) => [
      (hold as { action: { name: string } }).action.name,
      secondsOf(hold),
      (hold as { onTimeout: string }).onTimeout,
    ]);
    // A longer time than the tool's own counts no more than a shorter one where silence would release (I6).
    expect(seen).toEqual([
      ["count", 60, "skip"],
      ["delete", 120, "skip"],
      ["put", 120, "approve"],
    ]);
    expect(run.holds[0]).toMatchObject({ level: "mandatory_review", tier: "sync_gate" });
    expect(done).toEqual([]);
    expect(await get(`/v1/agents/${id}`)).toMatchObject({
      tools: [{ name: "count", requiresConfirmation: true, settings: { timeoutSeconds: 60 } }, {}, {}],
    });
    // Amended, it is asked about under the same terms.
    const amended = await ok(`/v1/runs/${run.id}/calls/${run.toolCalls[0].id}/amend`, {
      arguments: { table: "orders" },
      reason: "these",
    });
    const again = await until(run.id, ({ holds }) =>
      holds.some(({ id: one }: { id: string }) => one === amended.holdId),
    );
    const hold = again.holds.find(({ id: one }: { id: string }) => one === amended.holdId);
    expect([secondsOf(hold), hold.onTimeout]).toEqual([60, "skip"]);
    // What the config's own agent calls is asked about as ever.
    await ended(await start("count cats"));
    expect(done).toEqual(["looked at", "count cats"]);

    expect((await remove(id)).status).toBe(409);
    await ok(`/v1/runs/${run.id}/cancel`);
    expect((await remove(id)).status).toBe(204);
    expect((await remove(id)).status).toBe(404);
    expect((await post(`/v1/agents/${id}/runs`, { input: "count users" })).status).toBe(404);
    expect((await get(`/v1/runs/${run.id}`)).agentId).toBe(id);
    expect((await post(`/v1/runs/${run.id}/fork`, { fromStep: 1 })).body.detail).toMatch(
      /not in this service's config/,
    );
    expect(await events("agent.deleted")).toMatchObject([{ agentId: id }]);
  });

  test("skipped by silence, it goes on", async () => {
    const { id } = await ok("/v1/agents", {
      name: "Waiting",
      tools: ["count"],
      toolSettings: { count: { requiresConfirmation: true, timeoutSeconds: 60, onTimeout: "skip" } },
    });
    const run = await holding(await start("count users", {}, id));
    await store().advance(61_000);
    const over = await ended(run.id);
    expect(over.output).toMatch(/was skipped because nobody decided in time; go on without it/);
    await store().setClock(null);
    expect(done).toEqual([]);
    // It is run again as it is now, while it is there.
    const fork = await ok(`/v1/runs/${run.id}/fork`, { fromStep: 1 });
    await approve((await holding(fork.id)).holds[0]);
    await ended(fork.id);
    expect(done).toEqual(["looked at", "count users"]);
  });

  test("of two instances, each knows at once what the other makes and takes away", async () => {
    const elsewhere = await startTestService(store(), { config: configure(done) });
    try {
      const { id } = await ok("/v1/agents", { name: "Shared", tools: ["count"] });
      const run = await elsewhere.call("POST", `/v1/agents/${id}/runs`, { body: { input: "count users" } });
      expect(run.status).toBe(201);
      await ended(run.body.id);
      expect((await elsewhere.call("DELETE", `/v1/agents/${id}`)).status).toBe(204);
      expect((await post(`/v1/agents/${id}/runs`, { input: "count users" })).status).toBe(404);
    } finally {
      await elsewhere.stop();
    }
  });

  test("is taken away, or a run of it is made: never both", async () => {
    for (let round = 0; round < 8; round++) {
      const { id } = await ok("/v1/agents", { name: "Short-lived", tools: ["delete"] });
      const [run, gone] = await Promise.all([
        post(`/v1/agents/${id}/runs`, { input: "delete 5" }),
        remove(id),
      ]);
      expect([
        [201, 409],
        [404, 204],
      ]).toContainEqual([run.status, gone.status]);
      if (run.status === 201) await ok(`/v1/runs/${run.body.id}/cancel`);
    }
  });

  test("outlives a redeploy: what waits is asked again of a changed tool, on its terms, and ends with a tool that is gone", async () => {
    const { id } = await ok("/v1/agents", {
      name: "Patient",
      tools: ["count", "put"],
      toolSettings: { count: { requiresConfirmation: true, timeoutSeconds: 60, onTimeout: "skip" } },
    });
    const { id: runId, holds } = await holding(await start("count users; put a", {}, id));
    await service.stop();
    // The grace is over at once: runs of agents that are gone would end.
    const changed = configure(done, { version: "2", without: "put" });
    service = await startTestService(store(), { config: changed, goneAgentGraceMs: 1 });
    const run = await until(runId, (seen) => seen.holds.length === 3 && seen.holds[1].status === "cancelled");
    const again = run.holds.find(({ status }: { status: string }) => status === "pending");
    expect(again).toMatchObject({ metadata: { replaces: holds[0].id }, onTimeout: "skip" });
    expect(secondsOf(again)).toBe(60);
    expect((await get(`/v1/agents/${id}`)).tools.map(({ name }: { name: string }) => name)).toEqual([
      "count",
    ]);
    await approve(again);
    expect(await ended(runId)).toMatchObject({ status: "completed", error: null });
    expect(done).toEqual(["looked at", "count users"]);
    await service.stop();
    service = await startTestService(store(), { config: configure(done) });
  });

  test("kill-switches, pauses and the policy are over it as over any other", async () => {
    const { id } = await ok("/v1/agents", { name: "Wild", tools: ["count"] });
    expect(await ok(`/v1/agents/${id}/hold`, { reason: "it runs wild" })).toMatchObject({ isKnown: true });
    const run = await holding(await start("count users", {}, id));
    expect(run.holds[0].reasons.at(-1)).toMatchObject({ rule: "kill_switch" });
    expect((await get(`/v1/agents/${id}`)).held).toMatchObject({ reason: "it runs wild" });
    await ok(`/v1/runs/${run.id}/cancel`);
    expect(done).toEqual([]);
    // A rule may name it: it is no misspelt name of another.
    await ok("/v1/agents", { id: "tester2", name: "Second", tools: ["count"] });
    const document = (agent: string) => ({
      rules: [{ id: "it", agents: [agent], effect: { level: "mandatory_review" } }],
    });
    const findings = async (agent: string) =>
      (await ok("/v1/policies/check", { document: document(agent) })).findings.map(
        ({ code }: { code: string }) => code,
      );
    expect(await findings("tester2")).not.toContain("unknown_agent");
    expect(await findings("tester3")).toContain("unknown_agent");
  });

  test("is another agent than those whose tools it has: what names one of them is not over it, what names the tool is", async () => {
    const { id } = await ok("/v1/agents", { name: "Twin", tools: ["count"] });
    const rule = { id: "look", effect: { level: "mandatory_review" } } as const;
    const isHeld = async (agent: string) => {
      const run = await until(await start("count users", {}, agent), ({ status }) =>
        ["holding", "completed"].includes(status),
      );
      await service.call("POST", `/v1/runs/${run.id}/cancel`);
      return run.status === "holding";
    };
    await put(service, { rules: [{ ...rule, agents: ["tester"] }] });
    expect([await isHeld("tester"), await isHeld(id)]).toEqual([true, false]);
    await put(service, { rules: [{ ...rule, tools: ["count"] }] });
    expect([await isHeld("tester"), await isHeld(id)]).toEqual([true, true]);
    await put(service, { rules: [] });
    await ok("/v1/agents/tester/hold", { reason: "the agent" });
    expect([await isHeld("tester"), await isHeld(id)]).toEqual([true, false]);
    await ok("/v1/agents/tester/release");
    await ok("/v1/tools/count/hold", { reason: "the tool" });
    expect([await isHeld("tester"), await isHeld(id)]).toEqual([true, true]);
    await ok("/v1/tools/count/release");
  });

  test("is made by people who operate, with tools that there are, and never to be laxer", async () => {
    const refused = async (body: object, key?: string) => {
      const answer = await post("/v1/agents", { name: "x", ...body }, key);
      return [answer.status, answer.body.code, answer.body.errors?.[0]?.path ?? answer.body.needs];
    };
    const asTool = { tools: ["count"] };
    expect(await refused(asTool, service.agentKey)).toEqual([403, "not_allowed", "role operator or admin"]);
    const { reviewerKey } = await seedOrganisation(store().database);
    expect(await refused(asTool, reviewerKey)).toEqual([403, "not_allowed", "role operator or admin"]);
    expect(await refused({ tools: ["counts"] })).toEqual([422, "invalid_request", "tools.0"]);
    expect(await refused({ tools: ["count", "count"] })).toEqual([422, "invalid_request", "tools"]);
    for (const settings of [
      { requiresConfirmation: false },
      { onTimeout: "approve" },
      { timeoutSeconds: 0 },
    ]) {
      const path = `toolSettings.count.${Object.keys(settings)[0]}`;
      expect(await refused({ ...asTool, toolSettings: { count: settings } })).toEqual([
        422,
        "invalid_request",
        path,
      ]);
    }
    expect(await refused({ toolSettings: { count: {} } })).toEqual([
      422,
      "invalid_request",
      "toolSettings.count",
    ]);
    expect(await refused({ id: "hitl" })).toEqual([422, "invalid_request", "id"]);
    expect(await refused({ id: "tester" })).toEqual([409, "conflict", undefined]);
    expect((await remove("tester")).status).toBe(409);
    expect((await remove("nobody")).status).toBe(404);
    await ok("/v1/agents", { id: "once", name: "x" });
    expect(await refused({ id: "once" })).toEqual([409, "conflict", undefined]);
    // Nobody takes over what an agent of that id was trusted with, or has begun.
    await ok("/v1/grants", { tool: "count", agentId: "trusted", expiresInSeconds: 3_600 });
    expect(await refused({ id: "trusted", ...asTool })).toEqual([409, "conflict", undefined]);
    await ok("/v1/runs", { external: true, agentId: "elsewhere", input: "x" });
    expect(await refused({ id: "elsewhere" })).toEqual([409, "conflict", undefined]);
  });

  test("the same request makes it once", async () => {
    const body = { name: "Once", tools: ["count"] };
    const create = (given: object) => post("/v1/agents", given, undefined, { "idempotency-key": "make-it" });
    const first = await create(body);
    expect([first.status, (await create(body)).body.id]).toEqual([201, first.body.id]);
    expect((await create({ ...body, name: "Twice" })).body.code).toBe("idempotency_mismatch");
  });

  test("is nobody's in another organisation (I7)", async () => {
    const stranger = await seedOrganisation(store().database);
    const { id } = await ok("/v1/agents", { id: "ours", name: "Ours", tools: ["count"] });
    const asStranger = (method: string, path: string, body?: object) =>
      service.call(method, path, { key: stranger.adminKey, ...(body !== undefined && { body }) });
    expect((await asStranger("POST", `/v1/agents/${id}/runs`, { input: "count users" })).status).toBe(404);
    expect((await asStranger("GET", `/v1/agents/${id}`)).status).toBe(404);
    expect((await asStranger("DELETE", `/v1/agents/${id}`)).status).toBe(404);
    expect((await asStranger("POST", "/v1/agents", { id, name: "Theirs" })).status).toBe(201);
    expect((await get(`/v1/agents/${id}`)).name).toBe("Ours");
  });
});
