import { afterAll, beforeAll, expect, test } from "vitest";
import { seedOrganisation } from "../../src/testing/organisation.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { eventsOf, propose, put, testConfig, testTool } from "./policy-fixture.ts";

const config = testConfig([
  testTool({ name: "wire", reversibility: "irreversible" }),
  testTool({ name: "tag", reversibility: "reversible" }),
  testTool({ name: "charge", reversibility: "partially_reversible", value: "n" }),
]);

/** I8: what a decision is bound to, besides the action. */
describeEachStore("a hold that waits while the policy changes", (store) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(store(), { config });
  });
  afterAll(() => service.stop());
  const read = async (id: string) => (await service.call("GET", `/v1/holds/${id}`)).body;
  /** Once the service has looked at it under that version. */
  const lookedAt = async (id: string, version: number) => {
    await expect.poll(async () => (await read(id)).policyVersion, { timeout: 5_000 }).toBe(version);
    return read(id);
  };

  test("is asked as the policy now wants it, with new deadlines and the history kept", async () => {
    await put(service, { rules: [] });
    const hold = (await propose(service, "wire")).body;
    const version = await put(service, {
      rules: [
        {
          id: "two-managers",
          effect: {
            tier: "escalation",
            route: { role: "manager" },
            quorum: { required: 2, refusals: 1 },
            strength: "L2",
            timeoutSeconds: 900,
          },
        },
      ],
    });
    const now = await lookedAt(hold.id, version);
    expect(now).toMatchObject({
      status: "pending",
      version: hold.version + 1,
      tier: "escalation",
      rule: "two-managers",
      route: { role: "manager" },
      quorum: { required: 2, refusals: 1 },
      strength: "L2",
    });
    expect(now.action).toEqual(hold.action);
    expect(Date.parse(now.expiresAt)).toBeGreaterThan(Date.parse(hold.expiresAt));
    const events = await eventsOf(service, "hold.reevaluated", `&holdId=${hold.id}`);
    expect(events).toMatchObject([
      {
        actor: { kind: "system", name: "policy" },
        data: {
          policyVersion: version,
          before: {
            level: "mandatory_review",
            route: { role: "reviewer" },
            strength: "L1",
            tier: "sync_gate",
          },
          after: { route: { role: "manager" }, quorum: { required: 2, refusals: 1 }, strength: "L2" },
        },
      },
    ]);
  });

  test("votes that were given for it before count no more", async () => {
    const org = await seedOrganisation(store().database);
    const change = (refusals: number) =>
      service.call("PUT", "/v1/policies", {
        key: org.adminKey,
        body: { document: { rules: [{ id: "two", effect: { quorum: { required: 2, refusals } } }] } },
      });
    await change(1);
    const hold = (await propose(service, "wire", { key: org.agentKey })).body;
    const vote = async (key: string) => {
      const { body } = await service.call("POST", `/v1/holds/${hold.id}/decisions`, {
        key,
        body: { verdict: "approve", actionHash: hold.action.hash },
      });
      return [body.status, body.quorum?.votes.length];
    };
    expect(await vote(org.reviewerKey)).toEqual(["pending", 1]);
    const { version } = (await change(2)).body;
    await expect
      .poll(async () => (await service.call("GET", `/v1/holds/${hold.id}`, { key: org.adminKey })).body)
      .toMatchObject({ policyVersion: version, status: "pending", quorum: { refusals: 2, votes: [] } });
    // Ada alone does not release it together with what Rob said before.
    expect(await vote(org.adminKey)).toEqual(["pending", 1]);
    expect((await vote(org.reviewerKey))[0]).toBe("approved");
  });

  test("stays as it was shown where nothing that matters differs, and nobody is told", async () => {
    await put(service, { rules: [] });
    const hold = (await propose(service, "wire")).body;
    const version = await put(service, { rules: [{ id: "slower", effect: { timeoutSeconds: 3_600 } }] });
    const now = await lookedAt(hold.id, version);
    expect(now).toEqual({ ...hold, policyVersion: version, decisions: [], deliveries: [], deferredAt: null });
    expect(await eventsOf(service, "hold.reevaluated", `&holdId=${hold.id}`)).toEqual([]);
  });

  test("is not released by silence once the policy says that it is not", async () => {
    const silence = (onTimeout: "approve" | "reject") =>
      put(service, { rules: [{ id: "ask", tools: ["tag"], effect: { tier: "async_review", onTimeout } }] });
    await silence("approve");
    const hold = (await propose(service, "tag")).body;
    expect(hold.onTimeout).toBe("approve");
    const version = await silence("reject");
    expect(await lookedAt(hold.id, version)).toMatchObject({ status: "pending", onTimeout: "reject" });
  });

  test("what was approved is not claimed where it is not enough by now, and is where it is (I8)", async () => {
    const approved = async () => {
      const hold = (await propose(service, "tag")).body;
      const body = { verdict: "approve", actionHash: hold.action.hash };
      expect((await service.call("POST", `/v1/holds/${hold.id}/decisions`, { body })).status).toBe(200);
      return hold.id as string;
    };
    const claim = (id: string) =>
      service.call("POST", `/v1/holds/${id}/claim-execution`, { key: service.agentKey, body: {} });
    const rule = { id: "ask", tools: ["tag"] };
    await put(service, { rules: [{ ...rule, effect: { tier: "async_review" } }] });
    const ids = [await approved(), await approved()];
    await put(service, { rules: [{ ...rule, effect: { tier: "sync_gate" } }] });
    expect((await claim(ids[0] ?? "")).status).toBe(200);
    await put(service, {
      rules: [{ ...rule, effect: { tier: "sync_gate", quorum: { required: 2, refusals: 1 } } }],
    });
    for (let times = 0; times < 2; times++) {
      const { status, body } = await claim(ids[1] ?? "");
      expect([status, body.code]).toEqual([409, "entitlement_lost"]);
    }
    expect(await read(ids[1] ?? "")).toMatchObject({ status: "approved", fulfilment: "failed" });
    expect(await eventsOf(service, "action.refused", `&holdId=${ids[1]}`)).toMatchObject([
      { data: { message: "It needs 2 people by now, and was decided by 1." } },
    ]);
  });

  test("what whoever asked has approved is not claimed where that takes another person by now (I8, I9)", async () => {
    const rule = { id: "ask", tools: ["tag"] };
    const policy = (separation: "requester" | "strict") =>
      put(service, { rules: [{ ...rule, effect: { tier: "sync_gate", separation } }] });
    await policy("requester");
    const asAdmin = { key: service.adminKey };
    const hold = (await propose(service, "tag", asAdmin)).body;
    const body = { verdict: "approve", actionHash: hold.action.hash };
    const decided = await service.call("POST", `/v1/holds/${hold.id}/decisions`, { body });
    expect(decided.body.outcome).toMatchObject({ selfDecided: true });
    await policy("strict");
    const claimed = await service.call("POST", `/v1/holds/${hold.id}/claim-execution`, { body: {} });
    expect([claimed.status, claimed.body.code]).toEqual([409, "entitlement_lost"]);
    expect((await read(hold.id)).execution.error.message).toBe(
      "It needs another person by now, and was decided by whoever asked.",
    );
  });

  test("stays held where it would proceed by itself now: a person was asked", async () => {
    await put(service, { rules: [{ id: "ask", tools: ["charge"], effect: { tier: "async_review" } }] });
    const hold = (await propose(service, "charge")).body;
    expect(hold).toMatchObject({ tier: "async_review", rule: "ask" });
    const version = await put(service, { rules: [] });
    expect(await lookedAt(hold.id, version)).toMatchObject({ status: "pending", tier: "async_review" });
  });

  test("what its asker wanted is asked for again", async () => {
    await put(service, { rules: [] });
    const hold = (await propose(service, "wire", { body: { route: { role: "admin" } } })).body;
    const version = await put(service, { rules: [{ id: "m", effect: { route: { role: "manager" } } }] });
    expect((await lookedAt(hold.id, version)).route).toEqual({ role: "admin" });
  });

  test("more holds than one look takes, two instances, each hold once", async () => {
    await put(service, { rules: [] });
    const ids: string[] = [];
    for (let n = 0; n < 130; n++) ids.push((await propose(service, "wire", { arguments: { n } })).body.id);
    const other = await startTestService(store(), { config });
    const version = await put(other, { rules: [{ id: "op", effect: { strength: "L2" } }] });
    for (const id of [ids[0], ids[129]]) await lookedAt(id ?? "", version);
    await other.stop();
    for (const id of [ids[0] ?? "", ids[64] ?? "", ids[129] ?? ""]) {
      expect(await read(id)).toMatchObject({ strength: "L2", version: 2 });
      expect(await eventsOf(service, "hold.reevaluated", `&holdId=${id}`)).toHaveLength(1);
    }
  });

  test("a service that was down when the policy changed finds it at its start", async () => {
    await put(service, { rules: [] });
    const hold = (await propose(service, "wire")).body;
    await service.stop();
    await store().database.ownerSession(async (owner) => {
      await owner.query("begin");
      await owner.query("set local role hp_definer");
      await owner.query(
        "insert into holdpoint.policy_versions (org_id, id, version, document, source, created_at) values ($1, 'pol_x', 1000, $2, 'api', now())",
        [hold.orgId, JSON.stringify({ rules: [{ id: "late", effect: { route: { role: "admin" } } }] })],
      );
      await owner.query("update holdpoint.policies set version = 1000, revision = revision + 1");
      await owner.query("commit");
    });
    service = await startTestService(store(), { config });
    expect(await lookedAt(hold.id, 1_000)).toMatchObject({ route: { role: "admin" }, rule: "late" });
  });
});
