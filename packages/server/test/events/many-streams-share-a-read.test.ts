import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { listen, type Listening } from "../../src/http/listen.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { StreamClient } from "./stream-client.ts";

const CLIENTS = 300;

describeEachStore("300 streams of one organisation", (store) => {
  let service: TestService;
  let server: Listening;
  const clients: StreamClient[] = [];
  beforeAll(async () => {
    service = await startTestService(store());
    server = await listen({ fetch: service.service.app.fetch, host: "127.0.0.1", port: 0 });
  });
  afterAll(async () => {
    for (const client of clients) client[Symbol.dispose]();
    await server.close(0);
    await service.stop();
  });

  const propose = async (): Promise<string> =>
    (await service.call("POST", "/v1/holds", { key: service.agentKey, body: { action: { name: "launch" } } }))
      .body.id as string;
  const allAreTold = (holdId: string): Promise<unknown> =>
    Promise.all(clients.map((client) => client.until(({ holdIds }) => holdIds.has(holdId))));

  test("each gets each event once, a wake-up costs one read and one look at rights, and nothing grows", async () => {
    for (let opened = 0; opened < CLIENTS; opened += 50) {
      const next = Array.from(
        { length: 50 },
        () => new StreamClient(server.port, "/v1/events", service.adminKey),
      );
      clients.push(...next);
      await Promise.all(next.map((client) => client.until(({ cursor }) => cursor !== "")));
    }
    expect(service.service.streams.count).toBe(CLIENTS);
    await allAreTold(await propose());

    const calls = vi.spyOn(store().database, "callIdempotent");
    // Over a second after the rights were looked at last: they are looked at again.
    await new Promise((resolve) => {
      setTimeout(resolve, 1_100);
    });
    calls.mockClear();
    await allAreTold(await propose());
    const counted = (name: string): number => calls.mock.calls.filter(([called]) => called === name).length;
    // Publishing wakes once; a second read may find nothing more.
    expect(counted("read_events_v1")).toBeLessThanOrEqual(3);
    expect(counted("whoare_v1") + counted("whoami_v1")).toBeLessThanOrEqual(3);
    calls.mockRestore();

    const holds: string[] = [];
    for (let count = 0; count < 20; count++) holds.push(await propose());
    await allAreTold(holds.at(-1) ?? "");
    for (const { eventIds } of clients) {
      expect(eventIds).toHaveLength(22);
      expect(new Set(eventIds).size).toBe(22);
    }
    expect(service.service.streams.count).toBe(CLIENTS);
    for (const client of clients.splice(0)) client[Symbol.dispose]();
    await expect.poll(() => service.service.streams.count).toBe(0);
  });
});
