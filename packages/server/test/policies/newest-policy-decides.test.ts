import { afterAll, beforeAll, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { propose, put, testConfig, testTool } from "./policy-fixture.ts";

const config = testConfig([testTool({ name: "add_tag", reversibility: "reversible" })]);
const HOLD_ALL = { rules: [{ id: "all", effect: { level: "mandatory_review" as const } }] };

describeEachStore("two services on one database", (store) => {
  let first: TestService;
  let second: TestService;
  const calls: string[] = [];
  beforeAll(async () => {
    first = await startTestService(store(), { config });
    const { database } = store();
    // What the second asks of the database, by name.
    const counted = new Proxy(database, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (...args: unknown[]): unknown => {
          if (typeof name === "string" && name.startsWith("call")) calls.push(args[0] as string);
          return (member as (...given: unknown[]) => unknown).apply(target, args);
        };
      },
    });
    second = await startTestService({ ...store(), database: counted }, { config });
  });
  afterAll(async () => {
    await second.stop();
    await first.stop();
  });
  const asked = (): string[] => calls.splice(0).filter((name) => /hold_v1|proceed|policy|whoami/.test(name));

  test("the policy is changed on one, and the very next action on the other is decided by the new one", async () => {
    expect((await propose(second, "add_tag")).body.outcome).toBe("auto_proceeded");
    const version = await put(first, HOLD_ALL);
    const held = await propose(second, "add_tag");
    expect(held.status).toBe(201);
    expect(held.body).toMatchObject({ rule: "all", policyVersion: version, level: "mandatory_review" });
    await put(first, { rules: [] });
    expect((await propose(second, "add_tag")).body.outcome).toBe("auto_proceeded");
  });

  test("a policy that is remembered costs no round trip, a changed one two", async () => {
    await put(first, { rules: [] });
    await propose(second, "add_tag");
    asked();
    await propose(second, "add_tag");
    expect(asked()).toEqual(["proceed_v1"]);
    await put(first, HOLD_ALL);
    asked();
    await propose(second, "add_tag");
    expect(asked()).toEqual(["proceed_v1", "load_policy_v1", "create_hold_v1"]);
    await propose(second, "add_tag");
    expect(asked()).toEqual(["create_hold_v1"]);
  });

  test("the same key and body get the same answer, whatever the policy says by then", async () => {
    await put(first, { rules: [] });
    const headers = { "idempotency-key": "let-through-first" };
    const through = await propose(second, "add_tag", { headers });
    await put(first, HOLD_ALL);
    const again = await propose(second, "add_tag", { headers });
    expect([again.status, again.body.outcome, again.body.action]).toEqual([
      200,
      "auto_proceeded",
      through.body.action,
    ]);
    const heldFirst = { "idempotency-key": "held-first" };
    const held = await propose(second, "add_tag", { headers: heldFirst });
    await put(first, { rules: [] });
    const heldAgain = await propose(second, "add_tag", { headers: heldFirst });
    expect([heldAgain.status, heldAgain.body.id]).toEqual([201, held.body.id]);
  });

  test("a policy that changes at every try is told as a state that passes", async () => {
    await put(first, { rules: [] });
    await propose(second, "add_tag");
    const { policies } = second.service;
    const remembered = await policies.get(second.service.firstAdmin?.orgId ?? "");
    const get = policies.get.bind(policies);
    policies.get = () => Promise.resolve({ ...remembered, revision: -1 });
    const refused = await propose(second, "add_tag");
    policies.get = get;
    expect([refused.status, refused.body.code]).toEqual([503, "unavailable"]);
  });
});
