import type { Route } from "@holdpoint/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { approvedHold, signIn, type Person } from "./grant-fixture.ts";
import { eventsOf, propose, put, testConfig, testTool } from "./policy-fixture.ts";

const config = testConfig([
  testTool({ name: "tag", reversibility: "reversible", requiresConfirmation: true }),
  testTool({ name: "pay", reversibility: "partially_reversible", requiresConfirmation: true, value: "n" }),
  testTool({ name: "wipe", reversibility: "irreversible" }),
]);
const HOUR = { expiresInSeconds: 3_600 };

describeEachStore("grants", (store) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(store(), { config });
  });
  afterAll(() => service.stop());
  const give = (body: object) => service.call("POST", "/v1/grants", { body });
  const outcomeOf = async (name: string, options: Parameters<typeof propose>[2] = {}) => {
    const { body } = await propose(service, name, options);
    return body.outcome === "auto_proceeded" ? "proceeded" : `held ${body.status}`;
  };

  test("a decision that stands lets exactly what was shown proceed, with its use in the log", async () => {
    const hold = await approvedHold(service, "tag", { arguments: { n: 7, to: "users" } });
    const { status, body: grant } = await give({ holdId: hold.id, ...HOUR, uses: 5, reason: "nightly" });
    expect([status, grant]).toMatchObject([
      201,
      {
        tool: "tag",
        condition: 'arguments.n == 7 && arguments.to == "users" && size(arguments) == 2',
        usesLeft: 5,
        isActive: true,
        fromHoldId: hold.id,
        reason: "nightly",
        route: { role: "reviewer" },
      },
    ]);
    const through = await propose(service, "tag", { arguments: { n: 7, to: "users" } });
    expect(through.body.outcome).toBe("auto_proceeded");
    expect(through.body.reasons.at(-1)).toMatchObject({ rule: "grant" });
    expect(await outcomeOf("tag", { arguments: { n: 7, to: "orders" } })).toBe("held pending");
    expect(await outcomeOf("tag", { arguments: { n: 8, to: "users" } })).toBe("held pending");
    const [used] = await eventsOf(service, "action.auto_proceeded");
    expect(used?.data).toMatchObject({ grantId: grant.id, grantLeft: { uses: 4, budget: null } });
    const shown = await service.call("GET", `/v1/grants/${grant.id}`);
    expect(shown.body).toMatchObject({ usesLeft: 4, usedCount: 1, recentUses: [{ value: null }] });
    const [created] = await eventsOf(service, "grant.created");
    expect(created).toMatchObject({ actor: { kind: "member" }, data: { grantId: grant.id, uses: 5 } });
    await service.call("DELETE", `/v1/grants/${grant.id}`);
  });

  test("of 32 actions that race for the last use exactly one proceeds; the others are held", async () => {
    const { body: grant } = await give({ tool: "tag", ...HOUR, uses: 1 });
    const outcomes = await Promise.all(Array.from({ length: 32 }, () => outcomeOf("tag")));
    expect(outcomes.filter((outcome) => outcome === "proceeded")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "held pending")).toHaveLength(31);
    const { body } = await service.call("GET", `/v1/grants/${grant.id}`);
    expect([body.usesLeft, body.usedCount, body.isActive]).toEqual([0, 1, false]);
  });

  test("a repeated request takes no second use, however many come at once", async () => {
    const { body: grant } = await give({ tool: "tag", ...HOUR, uses: 3 });
    const headers = { "idempotency-key": "once-only" };
    const answers = await Promise.all(Array.from({ length: 8 }, () => propose(service, "tag", { headers })));
    expect(new Set(answers.map(({ body }) => body.outcome))).toEqual(new Set(["auto_proceeded"]));
    const { body } = await service.call("GET", `/v1/grants/${grant.id}`);
    expect([body.usesLeft, body.usedCount]).toEqual([2, 1]);
    await service.call("DELETE", `/v1/grants/${grant.id}`);
  });

  test("a budget is never overdrawn, to the cent, and a smaller action may still fit", async () => {
    const { body: grant } = await give({ tool: "pay", ...HOUR, budget: 100.1 });
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => outcomeOf("pay", { arguments: { n: 33.3 } })),
    );
    expect(outcomes.filter((outcome) => outcome === "proceeded")).toHaveLength(3);
    const left = async () => (await service.call("GET", `/v1/grants/${grant.id}`)).body.budgetLeft;
    expect(await left()).toBe(0.2);
    expect(await outcomeOf("pay", { arguments: { n: 0.3 } })).toBe("held pending");
    expect(await outcomeOf("pay", { arguments: { n: -5 } })).toBe("held pending");
    expect(await outcomeOf("pay", { arguments: { n: 0.2 } })).toBe("proceeded");
    expect(await left()).toBe(0);
  });

  test("revoked at once, also on an instance that remembers it", async () => {
    const other = await startTestService(store(), { config });
    const { body: grant } = await give({ tool: "tag", ...HOUR });
    expect((await propose(other, "tag")).body.outcome).toBe("auto_proceeded");
    const revoked = await service.call("DELETE", `/v1/grants/${grant.id}`);
    expect(revoked.body).toMatchObject({ isActive: false, revokedBy: { name: expect.any(String) } });
    expect((await propose(other, "tag")).status).toBe(201);
    expect((await service.call("DELETE", `/v1/grants/${grant.id}`)).status).toBe(200);
    const revocations = await eventsOf(service, "grant.revoked");
    expect(revocations.filter(({ data }) => data.grantId === grant.id)).toHaveLength(1);
    await other.stop();
  });

  test("ends by the database's clock", async () => {
    const { body: grant } = await give({ tool: "tag", expiresInSeconds: 60 });
    expect(await outcomeOf("tag")).toBe("proceeded");
    await store().advance(61_000);
    expect(await outcomeOf("tag")).toBe("held pending");
    await store().setClock(null);
    await service.call("DELETE", `/v1/grants/${grant.id}`);
  });

  test("never for the irreversible, unless the policy says so", async () => {
    const { body: grant } = await give({ tool: "wipe", ...HOUR });
    const hold = await approvedHold(service, "wipe");
    expect(hold.mayGrant).toBe(false);
    const refused = await give({ holdId: hold.id, ...HOUR });
    expect([refused.status, refused.body.code, refused.body.needs]).toEqual([
      403,
      "not_allowed",
      'a rule with grants: "allowed"',
    ]);
    await put(service, {
      rules: [{ id: "wipes", tools: ["wipe"], effect: { level: "mandatory_review", grants: "allowed" } }],
    });
    expect(await outcomeOf("wipe")).toBe("proceeded");
    await put(service, {
      rules: [{ id: "tags", tools: ["tag"], effect: { level: "mandatory_review", grants: "never" } }],
    });
    expect(await outcomeOf("wipe")).toBe("held pending");
    const tags = await give({ tool: "tag", ...HOUR });
    expect(await outcomeOf("tag")).toBe("held pending");
    await service.call("DELETE", `/v1/grants/${grant.id}`);
    await service.call("DELETE", `/v1/grants/${tags.body.id}`);
    await put(service, { rules: [] });
  });

  test("covers nothing that asks for more than the decision that it continues", async () => {
    const hold = await approvedHold(service, "pay", { arguments: { n: 50 } });
    const { body: grant } = await give({ holdId: hold.id, ...HOUR, condition: null });
    expect(await outcomeOf("pay", { arguments: { n: 60 } })).toBe("proceeded");
    await put(service, {
      rules: [
        {
          id: "big",
          tools: ["pay"],
          when: "value > 1000.0",
          effect: { tier: "escalation", route: { role: "manager" } },
        },
        {
          id: "two",
          tools: ["pay"],
          when: "value > 500.0",
          effect: { tier: "sync_gate", quorum: { required: 2, refusals: 1 } },
        },
      ],
    });
    expect(await outcomeOf("pay", { arguments: { n: 2_000 } })).toBe("held pending");
    expect(await outcomeOf("pay", { arguments: { n: 600 } })).toBe("held pending");
    expect(await outcomeOf("pay", { arguments: { n: 60 } })).toBe("proceeded");
    // Who asks for a person gets one.
    expect(await outcomeOf("pay", { arguments: { n: 60 }, body: { tier: "escalation" } })).toBe(
      "held pending",
    );
    await service.call("DELETE", `/v1/grants/${grant.id}`);
    await put(service, { rules: [] });
  });

  test("who may give one, and take it back", async () => {
    const [viewer, reviewer, operator, colleague] = await Promise.all([
      signIn(service, "viewer"),
      signIn(service, "reviewer"),
      signIn(service, "operator"),
      signIn(service, "reviewer"),
    ]);
    const hold = await approvedHold(service, "tag");
    const tool = { tool: "tag", ...HOUR };
    const ofHold = { holdId: hold.id, ...HOUR };
    const statuses = async (body: object) => [
      (await service.call("POST", "/v1/grants", { key: service.agentKey, body })).status,
      (await viewer.call("POST", "/v1/grants", body)).status,
      (await reviewer.call("POST", "/v1/grants", body)).status,
      (await operator.call("POST", "/v1/grants", body)).status,
    ];
    expect(await statuses(tool)).toEqual([403, 403, 403, 201]);
    expect(await statuses(ofHold)).toEqual([403, 403, 201, 201]);
    const { body: page } = await reviewer.call("GET", "/v1/grants?active=true&tool=tag");
    const [byOperator, byReviewer] = page.data.filter(
      (grant: { fromHoldId: string }) => grant.fromHoldId === hold.id,
    );
    expect((await colleague.call("DELETE", `/v1/grants/${byReviewer.id}`)).status).toBe(403);
    expect((await reviewer.call("DELETE", `/v1/grants/${byOperator.id}`)).status).toBe(403);
    expect((await reviewer.call("DELETE", `/v1/grants/${byReviewer.id}`)).status).toBe(200);
    for (const { id } of page.data) await operator.call("DELETE", `/v1/grants/${id}`);
    expect((await reviewer.call("GET", "/v1/grants?active=true")).body.data).toEqual([]);
    expect((await service.call("GET", "/v1/grants", { key: service.agentKey })).status).toBe(403);
  });

  test("what took several people stands by none of them alone, nor by who was not counted for it", async () => {
    const [manager, reviewer, late] = await Promise.all([
      signIn(service, "manager"),
      signIn(service, "reviewer"),
      signIn(service, "reviewer"),
    ]);
    const route = { allOf: [{ role: "reviewer" }, { role: "manager" }] } satisfies Route;
    await put(service, { rules: [{ id: "both", tools: ["pay"], effect: { tier: "sync_gate", route } }] });
    const { body: hold } = await propose(service, "pay", { arguments: { n: 50 } });
    const vote = (person: Person, more: object) =>
      person.call("POST", `/v1/holds/${hold.id}/decisions`, { actionHash: hold.action.hash, ...more });
    // For other bytes than those that are released.
    await vote(late, { verdict: "modify", modifications: { n: 5 } });
    await vote(reviewer, { verdict: "approve" });
    expect((await vote(manager, { verdict: "approve" })).body.status).toBe("approved");
    const statuses = [];
    for (const person of [late, reviewer, manager])
      statuses.push(
        (await person.call("POST", "/v1/grants", { holdId: hold.id, ...HOUR, condition: null })).status,
      );
    expect(statuses).toEqual([403, 403, 403]);
    expect(await outcomeOf("pay", { arguments: { n: 9_000 } })).toBe("held pending");
    await put(service, { rules: [] });
  });

  test("what two people decided stands for exactly what was shown, and for nothing wider", async () => {
    const reviewer = await signIn(service, "reviewer");
    const quorum = { required: 2, refusals: 1 };
    await put(service, { rules: [{ id: "two", tools: ["pay"], effect: { tier: "sync_gate", quorum } }] });
    const { body: hold } = await propose(service, "pay", { arguments: { n: 50 } });
    const yes = { verdict: "approve", actionHash: hold.action.hash };
    await reviewer.call("POST", `/v1/holds/${hold.id}/decisions`, yes);
    await service.call("POST", `/v1/holds/${hold.id}/decisions`, { body: yes });
    for (const wider of [null, "arguments.n < 100"]) {
      const refused = await give({ holdId: hold.id, ...HOUR, condition: wider });
      expect([refused.status, refused.body.detail]).toEqual([
        403,
        expect.stringContaining("2 people decide"),
      ]);
    }
    const { body: grant } = await give({ holdId: hold.id, ...HOUR });
    expect(await outcomeOf("pay", { arguments: { n: 50 } })).toBe("proceeded");
    expect(await outcomeOf("pay", { arguments: { n: 51 } })).toBe("held pending");
    await service.call("DELETE", `/v1/grants/${grant.id}`);
    await put(service, { rules: [] });
  });

  test("nobody permits their own: not the requester, and no grant is for its giver's requests (I9)", async () => {
    const operator = await signIn(service, "operator");
    const action = { name: "tag", arguments: {} };
    const { body: hold } = await operator.call("POST", "/v1/holds", { action });
    await service.call("POST", `/v1/holds/${hold.id}/decisions`, {
      body: { verdict: "approve", actionHash: hold.action.hash },
    });
    const own = await operator.call("POST", "/v1/grants", { holdId: hold.id, ...HOUR });
    expect([own.status, own.body.needs]).toEqual([403, "another person"]);
    const { body: grant } = await operator.call("POST", "/v1/grants", { tool: "tag", ...HOUR });
    expect((await operator.call("POST", "/v1/holds", { action })).status).toBe(201);
    expect((await propose(service, "tag")).body.outcome).toBe("auto_proceeded");
    await operator.call("DELETE", `/v1/grants/${grant.id}`);
  });

  test("only from what was approved, with an end, and a condition that can be read", async () => {
    const { body: pending } = await propose(service, "tag");
    expect((await give({ holdId: pending.id, ...HOUR })).body.code).toBe("not_approved");
    expect((await give({ holdId: "hold_none", ...HOUR })).status).toBe(404);
    expect((await give({ tool: "tag" })).status).toBe(422);
    expect((await give({ tool: "tag", expiresInSeconds: 31_536_001 })).status).toBe(422);
    expect((await give({ ...HOUR })).status).toBe(422);
    const misspelt = await give({ tool: "tag", ...HOUR, condition: "arguments.m == 1" });
    expect([misspelt.status, misspelt.body.errors[0].path]).toEqual([422, "condition"]);
    expect((await give({ tool: "tag", ...HOUR, condition: "1 +" })).status).toBe(422);
  });

  test("the same key gives one grant", async () => {
    const headers = { "idempotency-key": "grant-once" };
    const body = { tool: "tag", ...HOUR };
    const first = await service.call("POST", "/v1/grants", { body, headers });
    const again = await service.call("POST", "/v1/grants", { body, headers });
    expect([again.status, again.body.id]).toEqual([201, first.body.id]);
    const other = await service.call("POST", "/v1/grants", { body: { ...body, uses: 3 }, headers });
    expect(other.body.code).toBe("idempotency_mismatch");
    await service.call("DELETE", `/v1/grants/${first.body.id}`);
  });
});
