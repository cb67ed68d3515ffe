import { afterAll, beforeAll, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";

describeEachStore("an event stream ends with the right to read it", (store) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(store());
  });
  afterAll(() => service.stop());

  test("after its key was revoked, and what happens later is not told", async () => {
    const made = await service.call("POST", "/v1/api-keys", {
      body: { name: "watcher", kind: "agent", scopes: ["audit:read"] },
    });
    expect(made.status).toBe(201);
    const request = {
      headers: { host: "localhost:7777", authorization: `Bearer ${made.body.key}` },
    };
    const response = await service.service.app.request("http://localhost:7777/v1/events", request);
    let told = "";
    const ended = (async () => {
      for await (const chunk of response.body ?? []) told += new TextDecoder().decode(chunk);
      return true;
    })();
    await service.call("DELETE", `/v1/api-keys/${made.body.id}`);
    // The right is asked for at most once a second: the stream ends with one of the next things that happen.
    let last = "";
    await expect
      .poll(
        async () => {
          const hold = await service.call("POST", "/v1/holds", {
            key: service.agentKey,
            body: { action: { name: "launch" } },
          });
          last = hold.body.id;
          return Promise.race([ended, Promise.resolve(false)]);
        },
        { timeout: 10_000, interval: 200 },
      )
      .toBe(true);
    expect(told).not.toContain(last);
    expect((await service.service.app.request("http://localhost:7777/v1/events", request)).status).toBe(401);
  });
});
