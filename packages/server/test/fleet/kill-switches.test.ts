import { createId } from "@holdpoint/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RunWorkerFaults } from "../../src/runs/run-worker.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { fleetCalls, fleetConfig } from "./fleet-fixture.ts";

// I1 and I8: what a switch holds starts by no way but a person's word that came after it.
describeEachStore("a kill-switch", (store) => {
  let service: TestService;
  let done: string[];
  const { post, get, ok, start, holding, ended, until, approve, events } = fleetCalls(() => service);
  beforeEach(async () => {
    done = [];
    service = await startTestService(store(), { config: fleetConfig(done) });
  });
  afterEach(async () => {
    // The tests of a store share an organisation.
    const { data } = await get("/v1/standing-orders");
    for (const { kind, scope, subject } of data)
      await post(
        scope === "all"
          ? "/v1/runs/resume"
          : `/v1/${scope}s/${subject}/${kind === "hold" ? "release" : "resume"}`,
      );
    await service.stop();
  });

  test("holds what the policy would let through, says who wants it and why, and is lifted", async () => {
    expect(await ok("/v1/tools/count/hold", { reason: "it counts wrongly" })).toMatchObject({
      kind: "hold",
      scope: "tool",
      subject: "count",
      reason: "it counts wrongly",
      by: { kind: "member" },
      liftedAt: null,
      isKnown: true,
    });
    const run = await holding(await start("count users"));
    expect(run.holds[0]).toMatchObject({ level: "mandatory_review", mayGrant: false });
    expect(run.holds[0].reasons.at(-1)).toMatchObject({
      rule: "kill_switch",
      text: expect.stringMatching(/^Every call of count is held by order of .+: it counts wrongly$/),
    });
    expect(done).toEqual([]);
    await approve(run.holds[0]);
    await ended(run.id);
    expect(done).toEqual(["count users"]);

    const open = await holding(await start("count orders"));
    expect(await ok("/v1/tools/count/release", { reason: "mended" })).toMatchObject({
      liftedAt: expect.any(String),
    });
    await ended(await start("count cats"));
    expect(done).toEqual(["count users", "count cats"]);
    // What was held stays held.
    expect((await get(`/v1/runs/${open.id}`)).status).toBe("holding");
    await approve(open.holds[0]);
    await ended(open.id);
    const [lifted, given] = [(await events("order.lifted"))[0], (await events("order.given"))[0]];
    expect([given.rationale, lifted.rationale]).toEqual(["it counts wrongly", "mended"]);
    expect(given).toMatchObject({
      actor: { kind: "member" },
      actionName: "count",
      data: { kind: "hold", scope: "tool" },
    });
  });

  test("of an agent holds whatever that agent wants, and nobody else's", async () => {
    await ok("/v1/agents/tester/hold", { reason: "it runs wild" });
    const [held, free] = [await start("count users"), await start("count orders", {}, "other")];
    await ended(free);
    expect((await holding(held)).holds[0].reasons.at(-1).text).toMatch(
      /Every action of agent tester is held/,
    );
    expect(done).toEqual(["count orders"]);
    const { data } = await get("/v1/agents");
    expect(data.find(({ id }: { id: string }) => id === "tester")).toMatchObject({
      held: { reason: "it runs wild", by: { name: expect.any(String) } },
    });
    expect(await get("/v1/agents/other")).toMatchObject({
      held: null,
      tools: expect.arrayContaining([expect.objectContaining({ name: "count", held: null })]),
    });
  });

  test("thrown between the evaluation and the start of a call: the call is held, not started", async () => {
    await service.stop();
    let isThrown = false;
    const faults: RunWorkerFaults = {
      async hit(point) {
        if (point !== "before:start" || isThrown) return;
        isThrown = true;
        await ok("/v1/tools/count/hold", { reason: "now" });
      },
    };
    service = await startTestService(store(), { config: fleetConfig(done), faults });
    const run = await holding(await start("count users"));
    expect([isThrown, done]).toEqual([true, []]);
    await approve(run.holds[0]);
    await ended(run.id);
    expect(done).toEqual(["count users"]);
  });

  test("thrown between the approval and the start: the approval counts no more, one given afterwards does", async () => {
    await service.stop();
    let isThrown = false;
    const faults: RunWorkerFaults = {
      async hit(point) {
        if (point !== "before:start" || isThrown) return;
        isThrown = true;
        await ok("/v1/agents/tester/hold", { reason: "now" });
      },
    };
    service = await startTestService(store(), { config: fleetConfig(done), faults });
    const first = await holding(await start("delete 5"));
    await approve(first.holds[0]);
    const run = await until(first.id, ({ holds }) => holds.length === 2);
    expect([isThrown, done]).toEqual([true, []]);
    expect(run.holds[0]).toMatchObject({ status: "approved", fulfilment: "failed" });
    expect(run.holds[1].reasons.at(-1).text).toMatch(
      /approved before this: Every action of agent tester is held/,
    );
    await approve(run.holds[1]);
    await ended(run.id);
    expect(done).toEqual(["delete 5"]);
  });

  test("holds what agents elsewhere propose, and takes back what they have not redeemed", async () => {
    const action = { name: "refund", arguments: { order: 17 }, reversibility: "reversible" };
    const propose = () => post("/v1/holds", { action, title: "Refund" }, service.agentKey);
    expect((await propose()).body).toMatchObject({ outcome: "auto_proceeded" });
    const asked = await post(
      "/v1/holds",
      { action: { name: "refund", arguments: { order: 18 } } },
      service.agentKey,
    );
    await approve(asked.body);
    expect(await ok("/v1/tools/refund/hold", { reason: "fraud" })).toMatchObject({ isKnown: false });
    expect((await propose()).body).toMatchObject({
      status: "pending",
      reasons: expect.arrayContaining([expect.objectContaining({ rule: "kill_switch" })]),
    });
    const claim = await post(`/v1/holds/${asked.body.id}/claim-execution`, {}, service.agentKey);
    expect(claim).toMatchObject({
      status: 409,
      body: { code: "entitlement_lost", detail: expect.stringMatching(/fraud/) },
    });
    // Asked and approved since: redeemed.
    const anew = await post(
      "/v1/holds",
      { action: { name: "refund", arguments: { order: 18 } } },
      service.agentKey,
    );
    await approve(anew.body);
    expect((await post(`/v1/holds/${anew.body.id}/claim-execution`, {}, service.agentKey)).status).toBe(200);
  });

  test("silence releases nothing that was asked before it was thrown", async () => {
    const asked = await post(
      "/v1/holds",
      {
        action: { name: "archive", arguments: {}, reversibility: "reversible" },
        tier: "sync_gate",
        timeoutSeconds: 60,
        onTimeout: "approve",
      },
      service.agentKey,
    );
    expect(asked.body).toMatchObject({ status: "pending", onTimeout: "approve" });
    await ok("/v1/tools/archive/hold", { reason: "fraud" });
    await store().advance(61_000);
    await store().database.call("expire_due_v1", [createId("evt")]);
    const claim = await post(`/v1/holds/${asked.body.id}/claim-execution`, {}, service.agentKey);
    await store().setClock(null);
    expect(claim).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/Silence has approved it/) },
    });
  });

  test("of an agent holds what its runs elsewhere ask for, also by a key and a request that do not name it", async () => {
    const run = await post("/v1/runs", { agentId: "scraper", input: "x", external: true }, service.agentKey);
    const action = { name: "look_up", arguments: {}, reversibility: "reversible" };
    const propose = () => post("/v1/holds", { runId: run.body.id, action }, service.agentKey);
    expect((await propose()).body).toMatchObject({ outcome: "auto_proceeded" });
    await ok("/v1/agents/scraper/hold", { reason: "it runs wild" });
    expect((await propose()).body).toMatchObject({ status: "pending", agentId: "scraper" });
    for (const more of [action, { name: "look_up", arguments: {} }])
      expect(
        await post("/v1/holds", { runId: run.body.id, agentId: "other", action: more }, service.agentKey),
      ).toMatchObject({
        status: 403,
      });
    await post(`/v1/runs/${run.body.id}/cancel`);
  });

  test("silence opens nothing: what an agent elsewhere asked for before, and nobody answered, is not redeemed", async () => {
    const { body: hold } = await post(
      "/v1/holds",
      {
        action: { name: "restock", arguments: {}, reversibility: "reversible" },
        tier: "async_review",
        timeoutSeconds: 1,
        onTimeout: "approve",
      },
      service.agentKey,
    );
    expect(hold).toMatchObject({ status: "pending", onTimeout: "approve" });
    await ok("/v1/tools/restock/hold", { reason: "stop" });
    await expect
      .poll(async () => (await get(`/v1/holds/${hold.id}`)).fulfilment, { timeout: 10_000 })
      .toBe("waiting");
    const claim = await post(`/v1/holds/${hold.id}/claim-execution`, {}, service.agentKey);
    expect(claim).toMatchObject({ status: 409, body: { code: "entitlement_lost" } });
  });

  test("no grant opens it", async () => {
    await ok("/v1/grants", { tool: "tag", expiresInSeconds: 3_600, reason: "always" });
    await ended(await start("tag"));
    expect(done).toEqual(["tag"]);
    await ok("/v1/tools/tag/hold", { reason: "stop" });
    const run = await holding(await start("tag"));
    expect(run.holds[0].mayGrant).toBe(false);
    expect(done).toEqual(["tag"]);
  });

  test("is a person's alone, needs a reason, and repeated is the same order", async () => {
    expect((await post("/v1/tools/count/hold", { reason: "x" }, service.agentKey)).status).toBe(403);
    expect((await post("/v1/tools/count/hold", {})).status).toBe(422);
    expect(await post("/v1/tools/count/release", {})).toMatchObject({
      status: 409,
      body: { code: "conflict" },
    });
    const first = await ok("/v1/tools/count/hold", { reason: "first" });
    expect(await ok("/v1/tools/count/hold", { reason: "second" })).toMatchObject({
      reason: "first",
      createdAt: first.createdAt,
    });
    expect((await post("/v1/tools/count/release", {}, service.agentKey)).status).toBe(403);
    const key = { "idempotency-key": "once" };
    expect((await post("/v1/tools/count/release", {}, undefined, key)).status).toBe(200);
    expect((await post("/v1/tools/count/release", {}, undefined, key)).status).toBe(200);
    expect((await post("/v1/tools/count/release", {})).status).toBe(409);
  });

  test("thrown at one instance, counts at once on another that remembers the policy of before", async () => {
    if (store().kind === "embedded") return;
    const otherDone: string[] = [];
    const elsewhere = await startTestService(store(), { config: fleetConfig(otherDone) });
    const propose = () =>
      elsewhere.call("POST", "/v1/holds", {
        body: { action: { name: "note", arguments: {}, reversibility: "reversible" } },
      });
    expect((await propose()).body.outcome).toBe("auto_proceeded");
    await ok("/v1/tools/note/hold", { reason: "now" });
    expect((await propose()).body.status).toBe("pending");
    await ok("/v1/tools/note/release");
    expect((await propose()).body.outcome).toBe("auto_proceeded");
    await elsewhere.stop();
  });
});
