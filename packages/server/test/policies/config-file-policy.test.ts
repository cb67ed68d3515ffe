import { expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { eventsOf, propose, put, testConfig, testTool } from "./policy-fixture.ts";

const tools = [testTool({ name: "add_tag", reversibility: "reversible" })];
const withRule = (id: string) =>
  testConfig(tools, { policy: { rules: [{ id, effect: { level: "mandatory_review" } }] } });

describeEachStore("the config file's policy", (store) => {
  const started: TestService[] = [];
  const start = async (config = withRule("one")): Promise<TestService> => {
    await started.pop()?.stop();
    const service = await startTestService(store(), { config });
    started.push(service);
    return service;
  };
  const ruleOf = async (service: TestService) => (await propose(service, "add_tag")).body.rule ?? null;

  test("is in force from the first start, becomes a new version when it changes, and only then", async () => {
    let service = await start();
    expect(await ruleOf(service)).toBe("one");
    const read = async () => (await service.call("GET", "/v1/policies")).body;
    expect(await read()).toMatchObject({ version: 1, source: "config", createdBy: null });
    const [event] = await eventsOf(service, "policy.changed");
    expect(event).toMatchObject({ actor: { kind: "system" }, data: { source: "config", version: 1 } });

    service = await start();
    expect((await read()).version).toBe(1);

    // What a person changes since stays over a start with the same file.
    await put(service, { rules: [] });
    service = await start();
    expect(await ruleOf(service)).toBeNull();

    service = await start(withRule("two"));
    expect(await ruleOf(service)).toBe("two");
    expect(await read()).toMatchObject({ version: 3, source: "config" });

    // A file without one changes nothing.
    service = await start(testConfig(tools));
    expect(await ruleOf(service)).toBe("two");

    // Two that start at once: one version.
    const both = await Promise.all([
      startTestService(store(), { config: withRule("three") }),
      startTestService(store(), { config: withRule("three") }),
    ]);
    expect((await read()).version).toBe(4);
    for (const one of both) await one.stop();
    await started.pop()?.stop();
  });
});
