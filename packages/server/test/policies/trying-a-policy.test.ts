import { afterAll, beforeAll, expect, test } from "vitest";
import { seedOrganisation, type SeededOrganisation } from "../../src/testing/organisation.ts";
import { describeEachStore, type TestStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { propose, put, testConfig, testTool } from "./policy-fixture.ts";

const config = testConfig([
  testTool({ name: "add_tag", reversibility: "reversible" }),
  testTool({ name: "charge", reversibility: "partially_reversible", value: "n" }),
  testTool({ name: "pay", reversibility: "partially_reversible", counterparty: "to" }),
]);

/** Rows of every table that an action could leave something in. */
async function countRows(store: TestStore): Promise<number> {
  return store.database.ownerSession(async (owner) => {
    await owner.query("begin");
    await owner.query("set local role hp_definer");
    const { rows } = await owner.query<{ n: string }>(
      "select (select count(*) from holdpoint.holds) + (select count(*) from holdpoint.claims) + (select count(*) from holdpoint.events) + (select count(*) from holdpoint.sessions) + (select count(*) from holdpoint.end_users) + (select count(*) from holdpoint.policy_versions) as n",
    );
    await owner.query("rollback");
    return Number(rows[0]?.n);
  });
}

describeEachStore("a policy is tried before it is trusted", (store) => {
  let service: TestService;
  let other: SeededOrganisation;
  beforeAll(async () => {
    service = await startTestService(store(), { config });
    other = await seedOrganisation(store().database);
  });
  afterAll(() => service.stop());
  const ask = (path: string, body: object, key = service.adminKey) =>
    service.call("POST", `/v1/policies/${path}`, { body, key });

  test("explain says who would be asked and why, for agents too, and writes no row", async () => {
    const version = await put(service, {
      rules: [
        {
          id: "big",
          description: "Much money",
          tools: ["charge"],
          when: "value > 1000.0",
          effect: {
            tier: "escalation",
            route: { anyOf: [{ role: "manager" }, { after: "30m", to: { role: "admin" } }] },
            quorum: { required: 2, refusals: 1 },
          },
        },
      ],
    });
    const before = await countRows(store());
    for (const key of [service.adminKey, service.agentKey]) {
      const { status, body } = await ask(
        "explain",
        {
          action: { name: "charge", arguments: { n: 2_000 } },
          endUserId: "never-seen",
          sessionId: "never-seen",
        },
        key,
      );
      expect(status).toBe(200);
      expect(body).toMatchObject({
        held: true,
        tier: "escalation",
        level: "review_if_high_value",
        rule: "big",
        routeInWords: "a manager, or after 30m an admin",
        quorum: { required: 2, refusals: 1 },
        strength: "L1",
        value: 2_000,
        onTimeout: "reject",
        policyVersion: version,
      });
      expect(body.reasons[0].text).toContain("Much money");
      expect(body.timeoutSeconds).toBeGreaterThan(0);
    }
    const small = await ask("explain", { action: { name: "charge", arguments: { n: 1 } } });
    expect(small.body).toMatchObject({ held: false, tier: "automated", rule: null });
    expect(await countRows(store())).toBe(before);
    expect((await ask("explain", { action: { name: "charge", arguments: { n: "x" } } })).status).toBe(422);
  });

  test("explain takes a draft, a time, and whether it is the first time", async () => {
    const policy = { rules: [{ id: "new", when: "firstTime", effect: { tier: "async_review" as const } }] };
    const action = { name: "pay", arguments: { to: "acme" } };
    expect((await ask("explain", { action, policy })).body).toMatchObject({
      held: true,
      rule: "new",
      policyVersion: null,
    });
    const known = await ask("explain", { action, policy, firstTime: false });
    expect(known.body).toMatchObject({ held: false, rule: null });
    const night = {
      rules: [{ id: "night", when: "now.getHours() < 6", effect: { level: "mandatory_review" as const } }],
    };
    const at = (hour: string) => ask("explain", { action, policy: night, at: `2026-11-20T${hour}:00:00Z` });
    expect([(await at("03")).body.held, (await at("12")).body.held]).toEqual([true, false]);
  });

  test("a version beside holds nothing, and records what it would have done", async () => {
    await put(service, {
      rules: [{ id: "tags", tools: ["add_tag"], effect: { level: "mandatory_review" } }],
    });
    const inForce = (await service.call("GET", "/v1/policies")).body.version;
    const shadow = await put(
      service,
      {
        rules: [
          { id: "loose", tools: ["add_tag"], effect: { tier: "automated" } },
          { id: "strict", tools: ["charge"], effect: { level: "mandatory_review" } },
          { id: "broken", tools: ["pay"], when: "int(arguments.to) > 1", effect: {} },
        ],
      },
      { mode: "shadow" },
    );
    expect((await service.call("GET", "/v1/policies")).body).toMatchObject({
      version: inForce,
      shadowVersion: shadow,
    });
    expect((await propose(service, "add_tag")).status).toBe(201);
    expect((await propose(service, "charge")).body.outcome).toBe("auto_proceeded");
    expect((await propose(service, "pay", { arguments: { to: "a" } })).body.outcome).toBe("auto_proceeded");
    const { body } = await service.call("GET", "/v1/policies/shadow");
    expect(body).toMatchObject({ version: shadow, actions: 3, wouldHold: 2, wouldLetThrough: 1, failed: 0 });
    expect(body.byRule).toEqual(
      expect.arrayContaining([
        { rule: "loose", actions: 1, wouldHold: 0, wouldLetThrough: 1 },
        { rule: "strict", actions: 1, wouldHold: 1, wouldLetThrough: 0 },
      ]),
    );
    await put(service, { rules: [] });
    expect((await service.call("GET", "/v1/policies/shadow")).body).toMatchObject({
      version: null,
      actions: 0,
    });
  });

  test("a version beside that cannot be evaluated disturbs nothing", async () => {
    const shadow = await put(service, { rules: [] }, { mode: "shadow" });
    await store().database.ownerSession(async (owner) => {
      await owner.query("begin");
      await owner.query(`set local role hp_definer`);
      await owner.query(
        "insert into holdpoint.policy_versions (org_id, id, version, document, source, created_at) select org_id, 'pol_shadow', 900, '{\"rules\": 1}', 'api', created_at from holdpoint.policy_versions where version = $1",
        [shadow],
      );
      await owner.query(
        "update holdpoint.policies set shadow_version = 900, revision = revision + 1 where shadow_version = $1",
        [shadow],
      );
      await owner.query("commit");
    });
    expect((await propose(service, "charge")).body.outcome).toBe("auto_proceeded");
    const { body } = await service.call("GET", "/v1/policies/shadow");
    expect(body).toMatchObject({ version: 900, actions: 1, failed: 1 });
  });

  test("a draft is run over what was recorded: per day, rule and route, with examples, and no other's", async () => {
    await put(service, {
      rules: [{ id: "tags", tools: ["add_tag"], effect: { level: "mandatory_review" } }],
    });
    await service.call("POST", "/v1/holds", {
      key: other.agentKey,
      body: { action: { name: "charge", arguments: { n: 1 } } },
    });
    await propose(service, "add_tag");
    const draft = {
      rules: [
        {
          id: "charges",
          tools: ["charge"],
          effect: { route: { role: "manager" }, tier: "escalation" as const },
        },
        { id: "tags", tools: ["add_tag"], effect: { tier: "automated" as const } },
      ],
    };
    const { status, body } = await ask("backtest", { document: draft, days: 7 });
    expect(status).toBe(200);
    // Two tags, two charges and a payment were proposed by the tests before and this one, and two of them were held.
    const total = { actions: 5, heldThen: 2, heldBefore: 2, heldAfter: 2 };
    expect(body).toMatchObject({ total, handled: 0, isTruncated: false });
    expect(body.byDay).toEqual([expect.objectContaining(total)]);
    expect(body.byRule).toEqual(
      expect.arrayContaining([
        { rule: "charges", decidedBefore: 0, decidedAfter: 2, heldBefore: 0, heldAfter: 2 },
        { rule: "tags", decidedBefore: 2, decidedAfter: 2, heldBefore: 2, heldAfter: 0 },
      ]),
    );
    expect(body.byRoute).toEqual(
      expect.arrayContaining([
        { route: "a manager", heldBefore: 0, heldAfter: 2 },
        { route: "a reviewer", heldBefore: 2, heldAfter: 0 },
      ]),
    );
    expect(body.examples[0]).toMatchObject({ action: "add_tag", heldBefore: true, heldAfter: false });
    expect(body.examples[0].differs).toContain("tier");
    expect((await ask("backtest", { document: { rules: 1 } })).status).toBe(422);
    expect((await ask("backtest", { document: draft }, service.agentKey)).status).toBe(403);
  });
});
