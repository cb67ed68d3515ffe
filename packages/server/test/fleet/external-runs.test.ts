import { afterEach, beforeEach, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { fleetCalls, fleetConfig } from "./fleet-fixture.ts";

describeEachStore("a run that lives elsewhere", (store) => {
  let service: TestService;
  let done: string[];
  const { post, get, ok, start, holding, paused, until, approve, events } = fleetCalls(() => service);
  beforeEach(async () => {
    done = [];
    service = await startTestService(store(), { config: fleetConfig(done) });
  });
  afterEach(async () => {
    await store().setClock(null);
    for (const { scope, subject } of (await get("/v1/standing-orders")).data)
      await post(`/v1/${scope}s/${subject}/resume`);
    await service.stop();
  });

  const agent = (path: string, body: object = {}, headers?: Record<string, string>) =>
    post(path, body, service.agentKey, headers);
  const register = async (more: object = {}): Promise<string> => {
    const answer = await agent("/v1/runs", {
      agentId: "scraper",
      input: "Read all pages",
      external: true,
      ...more,
    });
    expect([answer.status, answer.body.detail]).toEqual([201, undefined]);
    return answer.body.id;
  };
  const beat = async (id: string, more: object = {}) => (await agent(`/v1/runs/${id}/heartbeat`, more)).body;
  const ask = (runId: string, order: number, more: object = {}) =>
    agent("/v1/holds", { runId, action: { name: "refund", arguments: { order } }, ...more });

  // I1, I2: who hears "redeemed before" takes it for executed.
  test.each(["cancel", "kill", "end"])(
    "over before what was approved was redeemed (%s): nothing of it is executed, and that is said",
    async (how) => {
      const id = await register();
      const holds = [(await ask(id, 1)).body, (await ask(id, 2)).body];
      for (const hold of holds) await approve(hold);
      const claim = (hold: { id: string }) => agent(`/v1/holds/${hold.id}/claim-execution`);
      expect((await claim(holds[0])).status).toBe(200);
      const report = { status: "failed", error: { code: "AgentCancelled" } };
      expect((await agent(`/v1/holds/${holds[0].id}/execution`, report)).status).toBe(200);
      if (how === "end") await agent(`/v1/runs/${id}/end`, { status: "completed" });
      else await ok(`/v1/runs/${id}/${how}`, { reason: "enough" });
      expect(await claim(holds[0])).toMatchObject({ status: 409, body: { code: "already_redeemed" } });
      expect(await claim(holds[1])).toMatchObject({
        status: 409,
        body: { code: "run_ended", detail: expect.stringContaining("Nothing of it was executed") },
      });
    },
  );

  test("is registered, heard of, and ended by its own word", async () => {
    const id = await register({
      endUserId: "u-1",
      sessionId: "x-1",
      metadata: { host: "a" },
      heartbeatSeconds: 5,
    });
    expect(await get(`/v1/runs/${id}`)).toMatchObject({
      status: "running",
      agentId: "scraper",
      external: { heartbeatSeconds: 5, lostAt: null, steps: null },
      endUserId: "u-1",
      sessionId: "x-1",
      messages: [{ role: "user", content: "Read all pages" }],
    });
    expect(await beat(id, { steps: 3, text: "page 3 of 9" })).toMatchObject({
      control: "run",
      run: { id, external: { steps: 3, text: "page 3 of 9" } },
    });
    const key = { "idempotency-key": "the-end" };
    const end = { status: "completed", output: "9 pages read" };
    expect((await agent(`/v1/runs/${id}/end`, end, key)).body).toMatchObject({
      status: "completed",
      output: "9 pages read",
    });
    expect((await agent(`/v1/runs/${id}/end`, end, key)).status).toBe(200);
    expect(await agent(`/v1/runs/${id}/end`, end)).toMatchObject({
      status: 409,
      body: { code: "run_ended" },
    });
    expect(await agent(`/v1/runs/${id}/heartbeat`)).toMatchObject({ status: 409 });
    const types = (await get(`/v1/audit?runId=${id}&format=json`)) as
      | { eventType: string }[]
      | { data: unknown };
    expect(JSON.stringify(types)).toMatch(/run_started.*run_completed/);
    const failing = await register();
    const failed = await agent(`/v1/runs/${failing}/end`, {
      status: "failed",
      error: { code: "no_net", message: "No network." },
    });
    expect(failed.body).toMatchObject({
      status: "failed",
      endReason: "no_net",
      error: { message: "No network." },
    });
  });

  test("no worker takes it, also when something of it is decided; it holds while a hold of it is open", async () => {
    const id = await register();
    const [one, two] = [await ask(id, 1), await ask(id, 2)];
    expect(one.body).toMatchObject({ status: "pending", runId: id });
    expect(await get(`/v1/runs/${id}`)).toMatchObject({ status: "holding" });
    await approve(one.body);
    expect(await beat(id)).toMatchObject({ control: "run", run: { status: "holding" } });
    await approve(two.body);
    await until(id, ({ status }) => status === "running");
    const { body } = await agent(`/v1/holds/${one.body.id}/claim-execution`);
    expect(body.action).toMatchObject({ arguments: { order: 1 } });
    expect(await get(`/v1/runs/${id}`)).toMatchObject({
      status: "running",
      model: null,
      steps: [],
      error: null,
    });
    expect((await events("run.holding")).filter(({ runId }: { runId: string }) => runId === id)).toHaveLength(
      1,
    );
  });

  test("is paused at its interrupt point, waits there, and goes on when it is resumed", async () => {
    const id = await register();
    expect(await ok(`/v1/runs/${id}/pause`, { reason: "look" })).toMatchObject({
      status: "running",
      pauseRequested: true,
    });
    // In the middle of a step: it is told, and the pause waits for the end of the step.
    expect(await beat(id, { isInterruptPoint: false })).toMatchObject({
      control: "pause",
      run: { status: "running" },
    });
    expect(await beat(id)).toMatchObject({
      control: "pause",
      run: { status: "paused", pauseRequested: false },
    });
    const waiting = beat(id, { waitSeconds: 30 });
    await ok(`/v1/runs/${id}/resume`, {});
    expect(await waiting).toMatchObject({ control: "run", run: { status: "running" } });
    const [event] = await events("run.paused");
    expect(event).toMatchObject({ runId: id, actor: { kind: "member" }, data: { reason: "look" } });
  });

  test("cancelled it is told so, its holds are closed, and it asks for nothing more", async () => {
    const id = await register();
    const [pending, approved] = [await ask(id, 1), await ask(id, 2)];
    await approve(approved.body);
    await ok(`/v1/runs/${id}/pause`, {});
    await beat(id);
    const waiting = beat(id, { waitSeconds: 30 });
    await ok(`/v1/runs/${id}/cancel`, { reason: "wrong site" });
    expect(await waiting).toMatchObject({
      control: "cancel",
      run: { status: "cancelled", error: { code: "AgentCancelled" } },
    });
    expect(await beat(id)).toMatchObject({ control: "cancel" });
    expect((await get(`/v1/holds/${pending.body.id}`)).status).toBe("cancelled");
    expect(await agent(`/v1/holds/${approved.body.id}/claim-execution`)).toMatchObject({ status: 409 });
    expect(await ask(id, 3)).toMatchObject({ status: 409, body: { code: "run_ended" } });
    const free = { name: "look_up", arguments: {}, reversibility: "reversible" };
    expect(await agent("/v1/holds", { runId: id, action: free })).toMatchObject({
      status: 409,
      body: { code: "run_ended" },
    });
    expect(await agent(`/v1/runs/${id}/end`, { status: "completed" })).toMatchObject({
      status: 409,
      body: { runStatus: "cancelled" },
    });
  });

  test("ended while it holds: what is open is withdrawn, and what was approved is not executed any more", async () => {
    const id = await register();
    const asked = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(id, n)));
    await approve(asked[0]?.body);
    expect((await agent(`/v1/runs/${id}/end`, { status: "completed" })).status).toBe(200);
    const run = await get(`/v1/runs/${id}`);
    expect(run.holds.filter(({ status }: { status: string }) => status === "cancelled")).toHaveLength(19);
    expect((await get(`/v1/holds/${asked[0]?.body.id}`)).fulfilment).toBe("failed");
  });

  test("unheard of for three heartbeats it is lost and its holds are marked; they can be decided, and it may come back", async () => {
    const id = await register({ heartbeatSeconds: 10 });
    const [one, two] = [await ask(id, 1), await ask(id, 2)];
    await store().advance(29_000);
    expect((await get(`/v1/runs/${id}`)).external.lostAt).toBe(null);
    await store().advance(2_000);
    const lost = await until(id, ({ external }) => external.lostAt !== null);
    expect(lost).toMatchObject({
      status: "holding",
      holds: [{ runLostAt: lost.external.lostAt }, { runLostAt: expect.any(String) }],
    });
    expect((await events("run.lost"))[0]).toMatchObject({
      runId: id,
      actor: { kind: "system" },
      data: { heartbeatSeconds: 10, holdIds: expect.arrayContaining([one.body.id, two.body.id]) },
    });
    expect((await approve(one.body)).status).toBe(200);
    expect((await ask(id, 3)).status).toBe(201);
    const found = await beat(id);
    expect(found).toMatchObject({ control: "run", run: { external: { lostAt: null } } });
    expect(await get(`/v1/holds/${two.body.id}`)).toMatchObject({ status: "pending", runLostAt: null });
    expect((await events("run.found"))[0]).toMatchObject({ runId: id });
    expect((await events("run.lost")).filter(({ runId }: { runId: string }) => runId === id)).toHaveLength(1);
    // Once it is over nobody misses it.
    await agent(`/v1/runs/${id}/end`, { status: "completed" });
    await store().advance(60_000);
    const other = await register({ heartbeatSeconds: 1 });
    await store().advance(10_000);
    await until(other, ({ external }) => external.lostAt !== null);
    expect((await get(`/v1/runs/${id}`)).external.lostAt).toBe(null);
  });

  test("made under a standing pause it pauses at its first interrupt point; the agent is listed while it has a run", async () => {
    await ok("/v1/agents/crawler/pause", { reason: "no scraping today" });
    const id = await register({ agentId: "crawler" });
    expect(await get(`/v1/runs/${id}`)).toMatchObject({
      status: "running",
      pauseRequested: true,
      pauseScope: "agent",
    });
    expect(await beat(id)).toMatchObject({ control: "pause" });
    expect(await get("/v1/agents/crawler")).toMatchObject({
      source: "external",
      paused: { reason: "no scraping today" },
    });
    const waiting = beat(id, { waitSeconds: 30 });
    await ok("/v1/agents/crawler/resume", {});
    expect(await waiting).toMatchObject({ control: "run" });
    expect(await ok("/v1/agents/crawler/pause", {})).toMatchObject({ runs: 1, isKnown: true });
    expect(await get(`/v1/runs/${id}`)).toMatchObject({ pauseRequested: true });
  });

  test("what it said is part of the session for a later run", async () => {
    const id = await register({ agentId: "tester", sessionId: "x-9", input: "Read" });
    await agent(`/v1/runs/${id}/end`, { status: "completed", output: "Read all." });
    expect((await get(`/v1/runs/${id}`)).messages).toMatchObject([
      { role: "user" },
      { role: "assistant", content: "Read all." },
    ]);
  });

  test("who may: a key of that agent, and never for a run of this service", async () => {
    const { body: key } = await post("/v1/api-keys", {
      name: "k",
      kind: "agent",
      agentId: "elsewhere",
      scopes: ["runs:*"],
    });
    expect((await post("/v1/runs", { agentId: "scraper", input: "x", external: true }, key.key)).status).toBe(
      403,
    );
    const id = await register();
    for (const path of ["heartbeat", "end"])
      expect(
        (await post(`/v1/runs/${id}/${path}`, { ...(path === "end" && { status: "failed" }) }, key.key))
          .status,
      ).toBe(404);
    const own = await start("delete 5");
    await holding(own);
    expect(await agent(`/v1/runs/${own}/heartbeat`)).toMatchObject({
      status: 409,
      body: { code: "conflict" },
    });
    expect(await agent(`/v1/runs/${own}/end`, { status: "completed" })).toMatchObject({ status: 409 });
    expect((await post("/v1/runs", { agentId: "scraper", input: "x" })).status).toBe(422);
    expect((await agent("/v1/runs/run_nope/heartbeat")).status).toBe(404);
    await post(`/v1/runs/${own}/cancel`);
  });

  test("cancelled and asked at the same moment, 15 times: what was asked is closed or refused, never left open", async () => {
    for (let round = 0; round < 15; round++) {
      const id = await register();
      const [, ...asked] = await Promise.all([
        ok(`/v1/runs/${id}/cancel`, {}),
        ask(id, 1),
        ask(id, 2),
        beat(id),
      ]);
      for (const answer of asked.slice(0, 2))
        if (answer.status === 201)
          expect((await get(`/v1/holds/${answer.body.id}`)).status).toBe("cancelled");
        else expect(answer.body.code).toBe("run_ended");
    }
  });

  test("paused at one instance, the run that waits at another is told within a moment", async () => {
    if (store().kind === "embedded") return;
    const id = await register();
    await ok(`/v1/runs/${id}/pause`, {});
    await beat(id);
    await paused(id);
    const elsewhere = await startTestService(store(), { config: fleetConfig(done) });
    const waiting = elsewhere.call("POST", `/v1/runs/${id}/heartbeat`, { body: { waitSeconds: 60 } });
    const begun = performance.now();
    await ok(`/v1/runs/${id}/cancel`, {});
    expect((await waiting).body.control).toBe("cancel");
    // Its slow poll is 10 s.
    expect(performance.now() - begun).toBeLessThan(5_000);
    await elsewhere.stop();
  });
});
