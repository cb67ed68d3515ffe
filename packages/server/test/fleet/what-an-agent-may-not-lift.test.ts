// What operators have stopped goes on by nobody's word but a person's: an agent's key lifts only what an agent's key has ordered.
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { fleetCalls, fleetConfig } from "./fleet-fixture.ts";

describeEachStore("an agent's own key", (store) => {
  let service: TestService;
  let own: string;
  const { post, get, ok, start, holding, paused, until } = fleetCalls(() => service);
  beforeEach(async () => {
    service = await startTestService(store(), { config: fleetConfig([]) });
    own = (await key("tester")).key;
  });
  afterEach(async () => {
    for (const { scope, subject } of (await get("/v1/standing-orders")).data)
      await post(scope === "all" ? "/v1/runs/resume" : `/v1/${scope}s/${subject}/resume`);
    await service.stop();
  });

  const key = (agentId: string, scopes = ["runs:*", "holds:create"]) =>
    ok("/v1/api-keys", { name: agentId, kind: "agent", agentId, scopes });
  const refused = { status: 403, body: { code: "not_allowed" } };
  const held = async (): Promise<string> => (await holding(await start("delete 5"))).id;

  test("resumes a run that it has paused itself, and none that a person has", async () => {
    const id = await held();
    expect((await post(`/v1/runs/${id}/pause`, {}, own)).status).toBe(200);
    await paused(id);
    expect((await post(`/v1/runs/${id}/resume`, {}, own)).body).toMatchObject({ status: "holding" });
    await ok(`/v1/runs/${id}/pause`);
    await paused(id);
    expect(await post(`/v1/runs/${id}/resume`, {}, own)).toMatchObject(refused);
    expect(await get(`/v1/runs/${id}`)).toMatchObject({ status: "paused" });
    expect(await ok(`/v1/runs/${id}/resume`)).toMatchObject({ status: "holding" });
    // Paused by itself first: the person's word is the one that counts.
    await post(`/v1/runs/${id}/pause`, {}, own);
    await paused(id);
    await ok(`/v1/runs/${id}/pause`, { reason: "look into it" });
    expect(await post(`/v1/runs/${id}/resume`, {}, own)).toMatchObject(refused);
  });

  test("lifts no pause that a person has ordered, nor goes on under one with a run of its own", async () => {
    const id = await held();
    expect((await post("/v1/agents/tester/pause", {}, own)).status).toBe(200);
    await paused(id);
    await ok("/v1/agents/tester/pause", { reason: "it runs wild" });
    expect(await post("/v1/agents/tester/resume", {}, own)).toMatchObject(refused);
    expect(await post(`/v1/runs/${id}/resume`, {}, own)).toMatchObject(refused);
    expect(await get(`/v1/runs/${id}`)).toMatchObject({ status: "paused" });
    expect((await get("/v1/agents/tester")).paused).toMatchObject({ by: { kind: "member" } });
    await ok("/v1/agents/tester/resume");
    await until(id, ({ status }) => status === "holding");
    expect((await post("/v1/agents/tester/pause", {}, own)).status).toBe(200);
    expect((await post("/v1/agents/tester/resume", {}, own)).status).toBe(200);
  });

  test("puts nothing into another agent's run, and learns of none whether it is there", async () => {
    const id = await held();
    const { key: elsewhere } = await key("scraper");
    const { body: external } = await post(
      "/v1/runs",
      { agentId: "scraper", input: "Read", external: true, sessionId: "s-elsewhere" },
      elsewhere,
    );
    const action = { name: "refund", arguments: { order: 1 } };
    const reversible = { ...action, reversibility: "reversible" };
    const { key: other } = await key("other");
    for (const runId of [id, external.id, "run_0000000000000000000000000a"])
      for (const body of [action, reversible])
        expect(await post("/v1/holds", { runId, action: body }, other)).toMatchObject({ status: 404 });
    expect((await get(`/v1/runs/${id}`)).holds).toHaveLength(1);
    for (const session of ["s-elsewhere", "s-nowhere"])
      expect(await post(`/v1/sessions/${session}/cancel`, {}, other)).toMatchObject({ status: 404 });
    const { key: few } = await ok("/v1/api-keys", { name: "few", kind: "agent", scopes: ["holds:create"] });
    const doors: [string, object][] = [
      ["pause", {}],
      ["resume", {}],
      ["cancel", {}],
      ["kill", { reason: "x" }],
      ["heartbeat", {}],
      ["end", { status: "completed" }],
      ["messages", { text: "x" }],
      ["fork", { fromStep: 1 }],
      ["calls/call_x/result", { result: 1, reason: "x" }],
      ["calls/call_x/withdraw", { reason: "x" }],
      ["calls/call_x/amend", { arguments: {}, reason: "x" }],
    ];
    for (const [door, body] of doors) {
      const [there, nowhere] = [
        await post(`/v1/runs/${external.id}/${door}`, body, few),
        await post(`/v1/runs/run_nowhere/${door}`, body, few),
      ];
      expect([door, there.status, nowhere.status]).toEqual([door, 403, 403]);
    }
  });

  test("is told of the orders over its agent, and of no other agent's or session's", async () => {
    const { key: elsewhere } = await key("scraper");
    const register = { agentId: "scraper", input: "Read", external: true, sessionId: "s-theirs" };
    await post("/v1/runs", register, elsewhere);
    for (const path of [
      "agents/other/pause",
      "agents/tester/pause",
      "sessions/s-theirs/pause",
      "tools/tag/hold",
    ])
      await ok(`/v1/${path}`, { reason: "to see" });
    const subjects = async (asking: string): Promise<string[]> =>
      (await service.call("GET", "/v1/standing-orders", { key: asking })).body.data
        .map(({ subject }: { subject: string }) => subject)
        .toSorted();
    expect(await subjects(own)).toEqual(["tag", "tester"]);
    expect(await subjects(elsewhere)).toEqual(["s-theirs", "tag"]);
    expect(await subjects(service.adminKey)).toEqual(["other", "s-theirs", "tag", "tester"]);
    const { body: agents } = await service.call("GET", "/v1/agents", { key: own });
    expect(agents.data.map(({ id }: { id: string }) => id)).not.toContain("scraper");
    await ok("/v1/tools/tag/release");
  });

  test("words that nobody hears are not taken without end", async () => {
    const { key: elsewhere } = await key("scraper");
    const register = { agentId: "scraper", input: "Read", external: true };
    const { body: run } = await post("/v1/runs", register, elsewhere);
    const tell = async () => (await post(`/v1/runs/${run.id}/messages`, { text: "go on" }, elsewhere)).status;
    const told = await Promise.all(Array.from({ length: 105 }, tell));
    expect([told.filter((status) => status === 201), told.filter((status) => status === 409)]).toMatchObject([
      { length: 100 },
      { length: 5 },
    ]);
    const { body: heard } = await post(`/v1/runs/${run.id}/heartbeat`, {}, elsewhere);
    await post(
      `/v1/runs/${run.id}/heartbeat`,
      { heard: heard.notes.map(({ id }: { id: string }) => id) },
      elsewhere,
    );
    expect(await tell()).toBe(201);
  });

  test("numbers and ids that no column takes are refused as such", async () => {
    const { key: elsewhere } = await key("scraper");
    const { body: run } = await post(
      "/v1/runs",
      { agentId: "scraper", input: "Read", external: true },
      elsewhere,
    );
    const beat = await post(`/v1/runs/${run.id}/heartbeat`, { steps: 5_000_000_000 }, elsewhere);
    const fork = await post(`/v1/runs/${run.id}/fork`, { fromStep: 5_000_000_000 }, elsewhere);
    const replay = await service.call("GET", `/v1/runs/${run.id}/events?after=evt_%00`);
    expect([beat.status, fork.status, replay.status]).toEqual([422, 422, 422]);
  });
});
