import { afterAll, beforeAll, expect, test } from "vitest";
import { ConfigError } from "../../src/agents/options.ts";
import { seedOrganisation, type SeededOrganisation } from "../../src/testing/organisation.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { propose, put, testConfig, testTool } from "./policy-fixture.ts";

const tools = [
  testTool({ name: "add_tag", reversibility: "reversible" }),
  testTool({ name: "publish", reversibility: "reversible", onTimeout: "approve" }),
  testTool({
    name: "price",
    reversibility: "reversible",
    value: () => {
      throw new Error("no price");
    },
  }),
];

/** Defect 4: the gate failed open when the policy was away, did not load, or was misspelt (I10). */
describeEachStore("a policy that cannot be used", (store) => {
  let service: TestService;
  let org: SeededOrganisation;
  beforeAll(async () => {
    service = await startTestService(store(), { config: testConfig(tools) });
    org = await seedOrganisation(store().database);
  });
  afterAll(() => service.stop());

  /** What another version of the service, or a hand in the database, has left there. */
  async function leave(orgId: string, document: unknown): Promise<void> {
    await store().database.ownerSession(async (owner) => {
      await owner.query("begin");
      await owner.query("set local role hp_definer");
      const { rows } = await owner.query<{ version: number }>(
        "insert into holdpoint.policies (org_id, version, revision) values ($1, 1, 1) on conflict (org_id) do update set version = policies.version + 1, revision = policies.revision + 1 returning version",
        [orgId],
      );
      const version = rows[0]?.version ?? 0;
      if (document !== undefined)
        await owner.query(
          "insert into holdpoint.policy_versions (org_id, id, version, document, source, created_at) values ($1, $2, $3, $4, 'api', now())",
          [orgId, `pol_${version}`, version, JSON.stringify(document)],
        );
      await owner.query("commit");
    });
  }

  test.each([
    ["does not fit its schema", { rules: "all" }],
    ["comes from a newer version", { rules: [], quorums: {} }],
    ["is no object", 17],
    ["is away", undefined],
  ])("holds everything when it %s, and says why", async (_what, document) => {
    await leave(org.orgId, document);
    const { status, body } = await propose(service, "add_tag", { key: org.agentKey });
    expect(status).toBe(201);
    expect(body).toMatchObject({ level: "mandatory_review", tier: "sync_gate", mayGrant: false });
    expect(body.reasons.at(-1)).toMatchObject({ rule: "fail_closed" });
    expect(body.reasons.at(-1).text).toContain("cannot be evaluated");
    // Nor does silence release what nobody could judge.
    expect((await propose(service, "publish", { key: org.agentKey })).body.onTimeout).toBe("reject");
  });

  test("silence releases nothing whose value cannot be had, whatever its rule says", async () => {
    await put(service, {
      rules: [{ id: "ask", tools: ["price"], effect: { level: "mandatory_review", onTimeout: "approve" } }],
    });
    const { body } = await propose(service, "price");
    expect(body).toMatchObject({ rule: "ask", level: "mandatory_review", onTimeout: "reject" });
  });

  test("and lets through again what it did once it is mended", async () => {
    await leave(org.orgId, { rules: 1 });
    expect((await propose(service, "add_tag", { key: org.agentKey })).status).toBe(201);
    const { status } = await service.call("PUT", "/v1/policies", {
      key: org.adminKey,
      body: { document: { rules: [] } },
    });
    expect(status).toBe(200);
    expect((await propose(service, "add_tag", { key: org.agentKey })).body.outcome).toBe("auto_proceeded");
  });

  test("a condition that throws, is no boolean or misses its argument holds, and the reason names the rule", async () => {
    for (const when of ["arguments.nowhere == 1", "value / 0.0 > double(arguments.missing)"]) {
      await put(service, { rules: [{ id: "broken", when, effect: { tier: "automated" } }] });
      const { status, body } = await propose(service, "add_tag");
      expect([status, body.level, body.rule]).toEqual([201, "mandatory_review", "broken"]);
      expect(body.reasons[0].text).toContain("broken");
    }
    await put(service, { rules: [] });
  });

  test("no rule lets through what a failing function of the config file holds, override or not", async () => {
    const config = testConfig([
      testTool({
        name: "priced",
        reversibility: "reversible",
        value: () => {
          throw new Error("no rate today");
        },
      }),
    ]);
    const failing = await startTestService(store(), { config });
    await put(failing, {
      rules: [{ id: "free", effect: { tier: "automated", overridesDeclaration: true } }],
    });
    const { status, body } = await propose(failing, "priced");
    expect([status, body.level]).toEqual([201, "mandatory_review"]);
    expect(body.reasons.at(-1).text).toContain("no rate today");
    await put(failing, { rules: [] });
    await failing.stop();
  });

  test("a store that is away lets nothing through", async () => {
    const { database } = store();
    const dead = {
      ...store(),
      database: new Proxy(database, {
        get(target, name) {
          const member: unknown = Reflect.get(target, name);
          if (typeof member !== "function") return member;
          return (...args: unknown[]): unknown => {
            if (args[0] === "load_policy_v1") return Promise.reject(new Error("no such function"));
            return (member as (...given: unknown[]) => unknown).apply(target, args);
          };
        },
      }),
    };
    const blind = await startTestService(dead, { config: testConfig(tools) });
    const { status } = await propose(blind, "add_tag");
    expect(status).toBeGreaterThanOrEqual(500);
    await blind.stop();
  });

  test("a config file with a mistake in its policy does not start: each is told with place and remedy", () => {
    const make = (policy: object) => () => testConfig(tools, { policy });
    expect(make({ rules: [{ id: "x", effekt: {} }] })).toThrow(ConfigError);
    expect(make({ rules: [{ id: "x", effekt: {} }] })).toThrow(
      /policy\.rules\[0\]: There is no effekt here\. Did you mean "effect"\? Take it out/,
    );
    expect(make({ tiers: { sync_gate: { timeoutSeconds: 0 } } })).toThrow(
      /policy\.tiers\.sync_gate\.timeoutSeconds/,
    );
  });

  test("a misspelt tool, a condition that is no CEL: errors, never a rule that matches nothing", () => {
    const make = (policy: object) => () => testConfig(tools, { policy });
    expect(make({ rules: [{ id: "x", tools: ["add_tagg"], effect: {} }] })).toThrow(/add_tagg.*add_tag/s);
    expect(make({ rules: [{ id: "x", when: "value >", effect: {} }] })).toThrow(/policy\.rules\[0\]\.when/);
  });
});
