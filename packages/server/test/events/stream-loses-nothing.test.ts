import { createId } from "@holdpoint/protocol";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { formatCursor, readEvents, START_OF_LOG } from "../../src/events/event-log.ts";
import { seedOrganisation } from "../../src/testing/organisation.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";

interface Frame {
  id: string | undefined;
  event: string | undefined;
  data: { id: string; holdId: string; type: string } | undefined;
}

/** I12. */
describeEachStore("event streams", (store) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(store());
  });
  afterAll(() => service.stop());

  const open = async (path: string, lastEventId?: string) => {
    const abort = new AbortController();
    const response = await service.service.app.request(`http://localhost:7777${path}`, {
      headers: {
        authorization: `Bearer ${service.adminKey}`,
        ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
      },
      signal: abort.signal,
    });
    expect(response.status).toBe(200);
    return { frames: readFrames(response), close: () => abort.abort() };
  };
  const propose = async () =>
    (await service.call("POST", "/v1/holds", { key: service.agentKey, body: { action: { name: "launch" } } }))
      .body as { id: string; action: { hash: string } };

  test("what happens is pushed at once; what was missed comes after a resume", async () => {
    const first = await open("/v1/events");
    const start = await first.frames.next(); // the cursor to resume from comes before any event
    expect(start.value).toMatchObject({ event: undefined, data: undefined });
    const hold = await propose();
    const created = await nextEvent(first.frames);
    expect(created).toMatchObject({ event: "hold.created", data: { holdId: hold.id } });
    first.close();
    await service.call("POST", `/v1/holds/${hold.id}/decisions`, { body: { verdict: "reject" } });
    const missed = await propose();
    const second = await open("/v1/events", created.id);
    const seen: string[] = [];
    while (!seen.includes(`hold.created ${missed.id}`)) {
      const frame = await nextEvent(second.frames);
      seen.push(`${frame.event} ${frame.data?.holdId}`);
    }
    expect(seen).toContain(`hold.decided ${hold.id}`);
    second.close();
  });

  test("a nonsense cursor is refused, and the stream of one hold has its events only", async () => {
    expect(await service.call("GET", "/v1/events", { headers: { "last-event-id": "17" } })).toMatchObject({
      status: 422,
    });
    const [a, b] = [await propose(), await propose()];
    const stream = await open(`/v1/events?holdId=${b.id}`, formatCursor(START_OF_LOG));
    await service.call("POST", `/v1/holds/${a.id}/decisions`, { body: { verdict: "reject" } });
    await service.call("POST", `/v1/holds/${b.id}/decisions`, { body: { verdict: "skip" } });
    expect(
      [await nextEvent(stream.frames), await nextEvent(stream.frames)].map(({ data }) => [
        data?.type,
        data?.holdId,
      ]),
    ).toEqual([
      ["hold.created", b.id],
      ["hold.decided", b.id],
    ]);
    stream.close();
  });

  test("asked for by HEAD, a stream ends at once: nobody reads what it would go on to fetch", async () => {
    for (const path of ["/v1/events", "/v1/events?holdId=hold_1"]) {
      expect(await service.call("HEAD", path)).toMatchObject({ status: 200, body: "" });
    }
    await propose(); // by now what a stream reads at its start has been read
    const reads = vi.spyOn(store().database, "callIdempotent");
    await propose();
    expect(reads.mock.calls.map(([name]) => name)).not.toContain("read_events_v1");
    reads.mockRestore();
  });

  test("a cursor past the end, of another database, is refused: nothing would ever come behind it", async () => {
    const headers = { "last-event-id": "9999999999999999999." };
    expect(await service.call("GET", "/v1/events", { headers })).toMatchObject({
      status: 422,
      body: { code: "invalid_request", errors: [{ path: "Last-Event-ID" }] },
    });
  });

  test("an event whose transaction commits late is never behind a cursor", async () => {
    if (store().kind === "embedded") return; // one connection: transactions cannot overlap there
    const { database } = store();
    const { orgId } = await seedOrganisation(database);
    const insert = (tx: { query: (text: string, values: unknown[]) => Promise<unknown> }, id: string) =>
      tx.query(
        "insert into holdpoint.events (org_id, id, type, created_at, actor_kind, data) values ($1, $2, 'hold.created', now(), 'system', '{}')",
        [orgId, id],
      );
    const early = createId("evt");
    const late = createId("evt");
    await database.transaction(async (slow) => {
      await slow.query("select set_config('hp.org_id', $1, true)", [orgId]);
      await insert(slow, early);
      // Another transaction begins later and commits first: its event is seen, but no cursor may stand on it yet.
      await runBeside(database, orgId, (tx) => insert(tx, late));
      const seen = await outside(() => readEvents(database, { orgId }, START_OF_LOG, 10));
      expect(seen.map(({ event, isSafe }) => [event.id, isSafe])).toEqual([[late, false]]);
    });
    // The horizon is that of the whole server: other tests' transactions, in other databases, keep it back for a while.
    await expect
      .poll(async () => {
        const all = await readEvents(database, { orgId }, START_OF_LOG, 10);
        return all.map(({ event, isSafe }) => [event.id, isSafe]);
      })
      .toEqual([
        [early, true],
        [late, true],
      ]);
  });

  function runBeside(
    database: ReturnType<typeof store>["database"],
    orgId: string,
    work: (tx: { query: (text: string, values: unknown[]) => Promise<unknown> }) => Promise<unknown>,
  ) {
    return outside(() =>
      database.transaction(async (tx) => {
        await tx.query("select set_config('hp.org_id', $1, true)", [orgId]);
        await work(tx);
      }),
    );
  }
});

/** Runs work as another request would: outside this test's open transaction, which may not touch the pool. */
const outsideScope = (() => {
  const waiting: (() => void)[] = [];
  setInterval(() => waiting.splice(0).forEach((run) => run()), 1).unref();
  return waiting;
})();
function outside<T>(work: () => Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  outsideScope.push(() => void work().then(resolve, reject));
  return promise;
}

async function nextEvent(frames: AsyncGenerator<Frame>): Promise<Frame> {
  for (;;) {
    const { value, done } = await frames.next();
    if (done === true) throw new Error("the stream ended");
    if (value.data !== undefined) return value;
  }
}

async function* readFrames(response: Response): AsyncGenerator<Frame> {
  let buffer = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    buffer += decoder.decode(chunk as Uint8Array, { stream: true });
    for (let end = buffer.indexOf("\n\n"); end !== -1; end = buffer.indexOf("\n\n")) {
      const lines = buffer.slice(0, end).split("\n");
      buffer = buffer.slice(end + 2);
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const data = field("data");
      yield {
        id: field("id"),
        event: field("event"),
        data: data === undefined ? undefined : (JSON.parse(data) as Frame["data"]),
      };
    }
  }
}
