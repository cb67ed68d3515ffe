import { createId, policySchema } from "@holdpoint/protocol";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PolicyStore } from "../../src/policies/policy-store.ts";
import { ruleOn, type PolicyDeps } from "../../src/policies/ruling.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { propose, put, testConfig, testTool } from "./policy-fixture.ts";

const config = testConfig([
  testTool({
    name: "share",
    reversibility: "partially_reversible",
    handles: ["personal_data"],
    counterparty: "to",
  }),
  testTool({
    name: "notify",
    reversibility: "partially_reversible",
    counterparty: ({ to }) => {
      if (to === "") throw new Error("nobody is named");
      return String(to);
    },
  }),
]);

describeEachStore("what rules may ask about", (store) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(store(), { config });
  });
  afterAll(() => service.stop());
  const ruleOf = async (name: string, options: Parameters<typeof propose>[2] = {}) =>
    (await propose(service, name, options)).body.rule ?? null;

  test("what a tool handles, and with whom it deals", async () => {
    await put(service, {
      rules: [
        {
          id: "acme",
          tools: ["share"],
          when: 'action.counterparty == "acme"',
          effect: { tier: "escalation" },
        },
        { id: "personal", preset: "personal_data", effect: { tier: "sync_gate" } },
      ],
    });
    expect(await ruleOf("share", { arguments: { to: "acme" } })).toBe("acme");
    expect(await ruleOf("share", { arguments: { to: "other" } })).toBe("personal");
    expect((await propose(service, "notify", { arguments: { to: "x" } })).body.outcome).toBe(
      "auto_proceeded",
    );
  });

  test("a counterparty that cannot be had holds the action, whatever a rule says", async () => {
    await put(service, { rules: [{ id: "free", effect: { tier: "automated" } }] });
    const { status, body } = await propose(service, "notify", { arguments: { to: "" } });
    expect([status, body.reasons.at(-1).text]).toEqual([201, expect.stringContaining("nobody is named")]);
  });

  test("how sure the agent is: a number from 0 to 1, 0.5 where it does not say", async () => {
    await put(service, { rules: [{ id: "doubt", when: "confidence < 0.6", effect: { tier: "sync_gate" } }] });
    const at = (confidence?: number) => ruleOf("share", { action: { confidence }, arguments: { to: "x" } });
    expect([await at(0.59), await at(), await at(0.6)]).toEqual(["doubt", "doubt", null]);
    for (const confidence of [1.1, -0.1, "0.9"])
      expect((await propose(service, "share", { action: { confidence } })).status).toBe(422);
  });

  test("a tool's options are checked when it is defined", () => {
    expect(() => testTool({ name: "t", handles: ["Personal Data"] })).toThrow(
      /"handles" must be a list of names/,
    );
    expect(() => testTool({ name: "t", counterparty: "nobody" })).toThrow(
      /"nobody", which is no argument.*n, to/,
    );
  });

  const POLICY = policySchema.parse({
    rules: [
      { id: "new", tools: ["share"], when: "firstTime", effect: { tier: "async_review", grants: "allowed" } },
      { id: "never", tools: ["notify"], effect: { tier: "sync_gate", grants: "never" } },
    ],
  });
  const facts = (name: string, counterparty?: string) => ({
    action: { name, arguments: {}, reversibility: "reversible" as const, counterparty },
    now: "2026-11-21T03:00:00Z",
  });
  const setUp = (more: Partial<PolicyDeps>, document = POLICY, now = "2026-11-21T03:00:00Z") => {
    const logger = pino({ level: "silent" });
    const policies = new PolicyStore({ database: store().database, tools: [], logger });
    const policy = {
      version: 1,
      revision: 1,
      document: {},
      problem: undefined,
      shadow: undefined,
      switches: [],
    };
    const inForce = { ...policy, ...policies.compileDraft(document) };
    return (name: string, counterparty?: string) =>
      ruleOn({ policies, logger, ...more }, inForce, {
        orgId: createId("org"),
        facts: { ...facts(name, counterparty), now },
      });
  };

  test("first time is looked up only where a rule asks, and is true where it cannot be known", async () => {
    const asked: string[] = [];
    const counterparties = {
      isFirstTime: (_org: string, tool: string, counterparty: string) => {
        asked.push(`${tool} ${counterparty}`);
        return counterparty === "away"
          ? Promise.reject(new Error("away"))
          : Promise.resolve(counterparty === "new");
      },
    };
    const rule = setUp({ counterparties });
    expect((await rule("share", "known")).evaluation.held).toBe(false);
    expect((await rule("share", "new")).evaluation.held).toBe(true);
    expect((await rule("share", "away")).evaluation.held).toBe(true);
    expect((await rule("share")).evaluation.held).toBe(true);
    await rule("notify", "x");
    expect(asked).toEqual(["share known", "share new", "share away"]);
    expect((await setUp({})("share", "known")).evaluation.held).toBe(true);
  });

  test("business hours become seconds of the clock, and the escalation tier's route the end of the ladder", async () => {
    const document = policySchema.parse({
      rules: [{ id: "office", effect: { tier: "async_review", timeoutSeconds: 3_600, businessHours: true } }],
      tiers: { escalation: { route: { role: "admin" }, timeoutSeconds: 600 } },
      businessHours: { timeZone: "UTC" },
    });
    // Friday at 16:45: a quarter of an hour is left, the rest is on Monday from 9 on.
    const { evaluation } = await setUp({}, document, "2026-11-20T16:45:00Z")("share");
    expect(evaluation.timeoutSeconds).toBe(65 * 3_600);
    expect(evaluation.ladder).toEqual({ route: { role: "admin" }, timeoutSeconds: 600 });
  });

  test("a standing permission lets through what would be held, where it may, and says which", async () => {
    const asked: string[] = [];
    const permissions = {
      find: (_org: string, { action }: { action: { name: string } }) => {
        asked.push(action.name);
        return Promise.resolve({ grantId: "grt_1", reason: "Ada allows it until Monday." });
      },
      used: () => undefined,
      spent: () => undefined,
    };
    const rule = setUp({ permissions });
    const granted = await rule("share", "new");
    expect(granted).toMatchObject({ grantId: "grt_1", evaluation: { held: false, tier: "automated" } });
    expect(granted.evaluation.reasons.at(-1)).toEqual({ rule: "grant", text: "Ada allows it until Monday." });
    expect(await rule("notify", "x")).toMatchObject({ grantId: null, evaluation: { held: true } });
    expect(asked).toEqual(["share"]);
  });
});
