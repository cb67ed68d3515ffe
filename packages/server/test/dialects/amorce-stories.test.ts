import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { defineConfig } from "../../src/agents/config.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { amorceWorld, type Carried } from "./amorce-world.ts";
import { playStory } from "./http-story.ts";

/** What that protocol's clients send, and what they get, as they would see it on the wire (R113 to R123). */
describeEachStore("the Amorce dialect over raw HTTP", (store) => {
  let service: TestService;
  const carried: Carried[] = [];
  const keys: Record<string, string> = {};
  beforeAll(async () => {
    service = await startTestService(store(), { config: amorceWorld(carried) });
    for (const [name, agentId] of Object.entries({
      agentKey: "sarah",
      otherAgentKey: "mallory",
      boundKey: "ben",
    })) {
      const { body } = await service.call("POST", "/v1/api-keys", { body: { name, kind: "agent", agentId } });
      keys[name] = body.key;
    }
  });
  beforeEach(() => void carried.splice(0));
  afterAll(async () => {
    await store().setClock(null);
    await service.stop();
  });

  const play = (name: string) =>
    playStory(new URL(`fixtures/amorce/${name}.http`, import.meta.url).pathname, {
      send: (request) => service.service.app.fetch(request),
      variables: { ...keys, operatorKey: service.adminKey, run: "1" },
      actions: { elevenMinutesPass: () => store().advance(11 * 60_000) },
    });

  test("negotiate, ask, decide, look, carry out once", async () => {
    const { transaction } = await play("approvals");
    expect(carried).toEqual([
      {
        serviceId: "restaurant",
        payload: { guests: 4, eur: 0 },
        intent: "check_availability",
        transactionId: transaction,
      },
      {
        serviceId: "restaurant",
        payload: { guests: 4, eur: 120 },
        intent: "confirm",
        transactionId: transaction,
      },
    ]);
  });

  test("a time that nobody can keep is a warning, and refused where the server is strict (R130)", async () => {
    const effect = {
      tier: "sync_gate",
      route: { role: "reviewer" },
      respondWithinSeconds: 300,
      timeoutSeconds: 300,
      onTimeout: "reject",
    } as const;
    const rule = { id: "dear", tools: ["amorce.transaction"], when: "value > 5000", effect };
    const strict = await startTestService(store(), {
      isStrict: true,
      // A rule for transactions names something that is there.
      config: defineConfig({ agents: [], services: amorceWorld([]).services, policy: { rules: [rule] } }),
    });
    const ask = (at: TestService, timeout_seconds: number) =>
      at.call("POST", "/api/v1/approvals", {
        body: { transaction_id: "t", summary: "Pay", timeout_seconds },
      });
    const refused = await ask(strict, 30);
    expect([refused.status, refused.body.details.errors[0].path]).toEqual([400, "timeout_seconds"]);
    expect([(await ask(strict, 60)).status, (await ask(service, 10)).status]).toEqual([201, 201]);
    await strict.stop();
  });

  test("what is refused, rejected, expired", async () => {
    await play("refusals");
    expect(carried).toEqual([]);
  });
});
