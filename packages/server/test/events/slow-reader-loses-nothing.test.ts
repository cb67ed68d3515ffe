import { afterAll, beforeAll, expect, test } from "vitest";
import { formatCursor, readEvents, START_OF_LOG } from "../../src/events/event-log.ts";
import { listen, type Listening } from "../../src/http/listen.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";
import { StreamClient } from "./stream-client.ts";

const STALLED_MS = 2_500;
/** What no pair of socket buffers takes in: 16 MB in events of 400 kB. */
const EVENTS = 40;
const LARGE = "x".repeat(200_000);

/** I12, with sockets that nobody reads. */
describeEachStore("a slow reader", (store) => {
  let service: TestService;
  let server: Listening;
  beforeAll(async () => {
    service = await startTestService(store(), { streamStalledMs: STALLED_MS });
    server = await listen({ fetch: service.service.app.fetch, host: "127.0.0.1", port: 0 });
  });
  afterAll(async () => {
    await server.close(0);
    await service.stop();
  });

  async function propose(): Promise<void> {
    const body = { action: { name: "launch", arguments: { text: LARGE } } };
    expect((await service.call("POST", "/v1/holds", { key: service.agentKey, body })).status).toBe(201);
  }

  test("is dropped while others are told, and what it had not read comes after a resume", async () => {
    using slow = new StreamClient(server.port, "/v1/events", service.adminKey);
    using quick = new StreamClient(server.port, "/v1/events", service.adminKey);
    await Promise.all([slow, quick].map((client) => client.until(({ cursor }) => cursor !== "")));
    const start = slow.cursor;
    slow.socket.pause();
    for (let count = 0; count < EVENTS; count++) await propose();
    await quick.until(({ eventIds }) => eventIds.length >= EVENTS);
    await expect.poll(() => service.service.streams.count, { timeout: 20_000 }).toBe(1);
    slow.socket.resume();
    await slow.closed();

    const told = new Set(slow.eventIds);
    expect(told.size).toBeLessThan(EVENTS);
    using resumed = new StreamClient(
      server.port,
      "/v1/events",
      service.adminKey,
      slow.cursor === "" ? start : slow.cursor,
    );
    await resumed.until(({ eventIds }) => new Set([...told, ...eventIds]).size >= EVENTS);
    expect(new Set([...told, ...resumed.eventIds])).toEqual(new Set(quick.eventIds));
  });

  test("that is only slow gets everything in order, and no more of it lies in memory than its bound", async () => {
    const { orgId } = service.service.firstAdmin ?? { orgId: "" };
    const log = await readEvents(store().database, { orgId }, START_OF_LOG, 1_000);
    using slow = new StreamClient(server.port, "/v1/events", service.adminKey, formatCursor(START_OF_LOG));
    // Reads a little at a time, with pauses in which its buffers here are full.
    slow.socket.on("data", () => {
      slow.socket.pause();
      setImmediate(() => slow.socket.resume());
    });
    await slow.until(({ eventIds }) => eventIds.length >= log.length);
    expect(slow.eventIds).toEqual(log.map(({ event }) => event.id));
  });
});
