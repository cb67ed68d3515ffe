import { afterAll, beforeAll, expect, test } from "vitest";
import { listen, type Listening } from "../../src/http/listen.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { StreamClient } from "./stream-client.ts";

describeEachStore("open streams", (store) => {
  let service: TestService;
  let server: Listening;
  beforeAll(async () => {
    service = await startTestService(store(), { streamLimits: { perCredential: 3, perInstance: 4 } });
    server = await listen({ fetch: service.service.app.fetch, host: "127.0.0.1", port: 0 });
  });
  afterAll(async () => {
    await server.close(0);
    await service.stop();
  });

  test("are so many for one credential, and so many for all; one that closes makes room", async () => {
    const made = await service.call("POST", "/v1/api-keys", {
      body: { name: "watcher", kind: "agent", scopes: ["audit:read"] },
    });
    const open = async (key: string): Promise<StreamClient> => {
      const client = new StreamClient(server.port, "/v1/events", key);
      await client.until(({ status }) => status !== 0);
      return client;
    };
    const own = await Promise.all([1, 2, 3].map(() => open(service.adminKey)));
    expect(own.map(({ status }) => status)).toEqual([200, 200, 200]);
    using tooMany = await open(service.adminKey);
    await tooMany.until(({ head }) => head.includes("too_many_requests"));
    expect(tooMany.status).toBe(429);
    expect(tooMany.head).toMatch(/^retry-after: \d+\r$/im);

    using other = await open(made.body.key);
    expect(other.status).toBe(200);
    using full = await open(made.body.key);
    await full.until(({ head }) => head.includes("overloaded"));
    expect(full.status).toBe(503);
    expect(full.head).toMatch(/^retry-after: \d+\r$/im);

    own[0]?.[Symbol.dispose]();
    await expect.poll(() => service.service.streams.count).toBe(3);
    using again = await open(made.body.key);
    expect(again.status).toBe(200);
    for (const client of own) client[Symbol.dispose]();
  });
});
