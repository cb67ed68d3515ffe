import { afterEach, beforeEach, expect, test } from "vitest";
import { applyOrder } from "../../src/fleet/standing-orders.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { fleetCalls, fleetConfig } from "./fleet-fixture.ts";

describeEachStore("a pause over more than one run", (store) => {
  let service: TestService;
  let done: string[];
  let gate: PromiseWithResolvers<void>;
  let begun: PromiseWithResolvers<void>;
  const { post, get, ok, start, holding, ended, paused, until, approve, events } = fleetCalls(() => service);
  const configure = () =>
    fleetConfig(done, () => {
      begun.resolve();
      return gate.promise;
    });
  beforeEach(async () => {
    done = [];
    gate = Promise.withResolvers();
    begun = Promise.withResolvers();
    service = await startTestService(store(), { config: configure() });
  });
  afterEach(async () => {
    gate.resolve();
    const { data } = await get("/v1/standing-orders");
    for (const { scope, subject } of data)
      await post(scope === "all" ? "/v1/runs/resume" : `/v1/${scope}s/${subject}/resume`);
    const runs = await get("/v1/runs?limit=200");
    for (const { id, endedAt } of runs.data) if (endedAt === null) await post(`/v1/runs/${id}/cancel`);
    await service.stop();
  });

  test("of an agent: what runs, holds or is made later pauses at its interrupt point, and goes on when it is lifted", async () => {
    const [working, held, other] = [
      await start("work then count a"),
      await start("delete 5"),
      await start("delete 6", {}, "other"),
    ];
    await begun.promise;
    await holding(held);
    await holding(other);
    expect(await ok("/v1/agents/tester/pause", { reason: "look first" })).toMatchObject({
      kind: "pause",
      scope: "agent",
      subject: "tester",
      runs: 2,
      isKnown: true,
    });
    expect(await get(`/v1/runs/${working}`)).toMatchObject({
      status: "running",
      pauseRequested: true,
      pauseScope: "agent",
    });
    expect(await get(`/v1/runs/${held}`)).toMatchObject({ status: "paused", pauseScope: "agent" });
    expect((await get(`/v1/runs/${other}`)).status).toBe("holding");
    const later = await start("count b");
    expect(await paused(later)).toMatchObject({ pauseScope: "agent", pauseRequested: false });
    gate.resolve();
    await paused(working);
    expect(done).toEqual(["work"]);
    // A decision is kept meanwhile.
    await approve((await get(`/v1/runs/${held}`)).holds[0]);
    expect((await get("/v1/agents/tester")).paused).toMatchObject({
      reason: "look first",
      by: { kind: "member" },
    });

    expect(await ok("/v1/agents/tester/resume", {})).toMatchObject({ runs: 3 });
    for (const id of [working, held, later]) expect((await ended(id)).status).toBe("completed");
    expect(done.toSorted()).toEqual(["count a", "count b", "delete 5", "work"]);
    const told = (await events("run.paused")).filter(({ runId }: { runId: string }) =>
      [working, held, later].includes(runId),
    );
    expect(told).toHaveLength(3);
    for (const event of told)
      expect(event).toMatchObject({
        actor: { kind: "member" },
        data: { scope: "agent", subject: "tester", reason: "look first" },
      });
    expect((await get("/v1/agents/tester")).paused).toBe(null);
  });

  test("resumes nothing that somebody paused alone, and nothing that another order pauses too", async () => {
    const [alone, both, one, after] = [
      await start("delete 1"),
      await start("delete 2", { sessionId: "s-1" }),
      await start("delete 3"),
      await start("delete 4"),
    ];
    for (const id of [alone, both, one, after]) await holding(id);
    await ok(`/v1/runs/${alone}/pause`, { reason: "mine" });
    await ok("/v1/agents/tester/pause", {});
    await ok("/v1/sessions/s-1/pause", {});
    // Somebody wants this one paused whatever becomes of the order.
    expect(await ok(`/v1/runs/${after}/pause`, {})).toMatchObject({ status: "paused", pauseScope: null });
    await ok("/v1/agents/tester/resume", {});
    expect((await get(`/v1/runs/${one}`)).status).toBe("holding");
    expect(await get(`/v1/runs/${both}`)).toMatchObject({ status: "paused", pauseScope: "session" });
    expect(await get(`/v1/runs/${alone}`)).toMatchObject({ status: "paused", pauseScope: null });
    expect((await get(`/v1/runs/${after}`)).status).toBe("paused");
    await ok("/v1/sessions/s-1/resume", {});
    expect((await get(`/v1/runs/${both}`)).status).toBe("holding");
  });

  test("of all: every agent's, and one that is resumed by itself goes on though the order stands", async () => {
    const [a, b] = [await start("delete 1"), await start("delete 2", {}, "other")];
    await holding(a);
    await holding(b);
    await ok("/v1/runs/pause", { reason: "everything stops" });
    await paused(a);
    await paused(b);
    expect((await get("/v1/standing-orders")).data).toMatchObject([
      { kind: "pause", scope: "all", subject: null, reason: "everything stops" },
    ]);
    expect(await ok(`/v1/runs/${b}/resume`, {})).toMatchObject({ status: "holding", pauseScope: null });
    await ok("/v1/runs/resume", {});
    expect((await get(`/v1/runs/${a}`)).status).toBe("holding");
    expect(await post("/v1/runs/resume", {})).toMatchObject({ status: 409 });
  });

  test("before a pause of a session has taken effect it can be lifted: nothing of it is left", async () => {
    const id = await start("work", { sessionId: "s-2" });
    await begun.promise;
    await ok("/v1/sessions/s-2/pause", {});
    expect(await get(`/v1/runs/${id}`)).toMatchObject({ pauseRequested: true });
    await ok("/v1/sessions/s-2/resume", {});
    expect(await get(`/v1/runs/${id}`)).toMatchObject({ pauseRequested: false, pauseScope: null });
    gate.resolve();
    expect((await ended(id)).status).toBe("completed");
  });

  test("a session is cancelled with all its runs, also those that are paused", async () => {
    const [a, b, c] = [
      await start("delete 1", { sessionId: "s-3" }),
      await start("delete 2", { sessionId: "s-3" }, "other"),
      await start("delete 3"),
    ];
    for (const id of [a, c]) await holding(id);
    await holding(b);
    await ok(`/v1/runs/${a}/pause`, {});
    const cancelled = await ok("/v1/sessions/s-3/cancel", { reason: "the customer left" });
    expect(cancelled.runs.map(({ id, status }: { id: string; status: string }) => [id, status])).toEqual([
      [b, "cancelled"],
      [a, "cancelled"],
    ]);
    expect((await get(`/v1/runs/${a}`)).error).toMatchObject({
      message: "Session s-3 was cancelled by operator",
      reason: "the customer left",
    });
    expect((await get(`/v1/runs/${c}`)).status).toBe("holding");
    expect(await ok("/v1/sessions/s-3/cancel", {})).toMatchObject({ runs: [] });
    for (const action of ["pause", "resume", "cancel"])
      expect(await post(`/v1/sessions/none/${action}`, {})).toMatchObject({ status: 404 });
  });

  test("who may: operators; an agent's key stops no more than its own agent, and an app's own key no organisation", async () => {
    const { body: key } = await post("/v1/api-keys", {
      name: "bound",
      kind: "agent",
      agentId: "tester",
      scopes: ["runs:*"],
    });
    expect((await post("/v1/agents/tester/pause", {}, key.key)).status).toBe(200);
    expect((await post("/v1/agents/other/pause", {}, key.key)).status).toBe(403);
    expect((await post("/v1/runs/pause", {}, key.key)).status).toBe(403);
    expect((await post("/v1/runs/pause", {}, service.agentKey)).status).toBe(403);
    const id = await start("delete 1", { sessionId: "s-4" });
    await paused(id);
    expect((await post("/v1/sessions/s-4/pause", {}, key.key)).status).toBe(403);
    expect((await post("/v1/sessions/s-4/pause", {}, service.agentKey)).status).toBe(200);
    expect((await events("order.given"))[0]).toMatchObject({ actor: { kind: "agent" }, sessionId: "s-4" });
  });

  test("left half carried out by an instance that died: any other goes on with it, in batches", async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, (_, n) => start(`delete ${n + 1}`)));
    for (const id of ids) await holding(id);
    await ok("/v1/agents/tester/pause", { reason: "all" });
    const { orgId } = await get("/v1/me");
    // As one leaves it that dies right after the order.
    await store().database.transaction(async (tx) => {
      await tx.query("select set_config('hp.org_id', $1, true)", [orgId]);
      await tx.query(
        "update holdpoint.runs set status = 'holding', pause_scope = null where ended_at is null",
      );
      await tx.query("update holdpoint.standing_orders set apply_after = '' where lifted_at is null");
    });
    const deps = { database: store().database, wakeups: service.service.wakeups };
    const order = { orgId, scope: "agent", subject: "tester" } as const;
    // The service's own watch may be at it already.
    expect(await applyOrder(deps, order, 2)).toBeLessThanOrEqual(5);
    for (const id of ids) expect(await paused(id)).toMatchObject({ pauseScope: "agent" });
    expect(await applyOrder(deps, order, 2)).toBe(0);
  });

  test("given while runs are being made: not one that is made after it goes by", async () => {
    for (let round = 0; round < 8; round++) {
      const made = Promise.all(["count a", "count b", "count c", "count d"].map((input) => start(input)));
      const order = await ok("/v1/agents/tester/pause", {});
      for (const id of [...(await made), await start("count e")]) {
        const run = await until(id, ({ status }) => status === "paused" || status === "completed");
        // It was over, or on its last step, before the order came to it.
        if (run.status === "completed") expect(run.createdAt < order.createdAt).toBe(true);
      }
      await ok("/v1/agents/tester/resume", {});
      for (const id of await made) await ended(id);
    }
  });

  test("given, lifted, decided and cancelled at the same moment, 4 times: nobody waits in a circle, nothing stays behind", async () => {
    for (let round = 0; round < 4; round++) {
      const ids = await Promise.all(
        [1, 2, 3, 4].map((n) => start(`delete ${n}`, { sessionId: `c-${round}-${n}` })),
      );
      const held = await Promise.all(ids.map((id) => holding(id)));
      const answers = await Promise.all([
        post("/v1/agents/tester/pause", {}),
        approve(held[0].holds[0]),
        post(`/v1/runs/${ids[1]}/cancel`, {}),
        post("/v1/runs/pause", {}),
        approve(held[2].holds[0]),
        post(`/v1/sessions/c-${round}-4/pause`, {}),
        post("/v1/runs/resume", {}),
      ]);
      expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
      for (const path of ["agents/tester", `sessions/c-${round}-4`, "runs"])
        await post(`/v1/${path}/resume`, {});
      for (const index of [0, 2]) expect((await ended(ids[index] ?? "")).status).toBe("completed");
      expect((await get(`/v1/runs/${ids[1]}`)).status).toBe("cancelled");
      await until(ids[3] ?? "", ({ status }) => status === "holding");
      await post(`/v1/runs/${ids[3]}/cancel`);
    }
    expect(done.toSorted()).toEqual([
      ...Array<string>(4).fill("delete 1"),
      ...Array<string>(4).fill("delete 3"),
    ]);
  });

  test("lifted at one instance, what was paused goes on at another", async () => {
    if (store().kind === "embedded") return;
    const id = await start("delete 5");
    const run = await holding(id);
    await ok("/v1/agents/tester/pause", {});
    await approve(run.holds[0]);
    const elsewhere = await startTestService(store(), { config: configure() });
    await elsewhere.call("POST", "/v1/agents/tester/resume", { body: {} });
    await elsewhere.stop();
    await ended(id);
    expect(done).toEqual(["delete 5"]);
  });
});
