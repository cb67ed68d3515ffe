import { HoldpointQuestions } from "../../packages/client/src/questions.ts";
import type { QuestionEvent } from "../../packages/protocol/src/index.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSweeper } from "../../packages/server/src/holds/sweeper.ts";
import { silentLogger } from "../../packages/server/src/testing/silent-logger.ts";
import { describeEachStore } from "../../packages/server/src/testing/stores.ts";
import { startTestService, type TestService } from "../../packages/server/src/testing/test-service.ts";
import { ask, tokenOf } from "../../packages/server/test/end-users/end-user-fixture.ts";

describeEachStore("an end user's event stream", (store) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(store());
  });
  afterAll(() => service.stop());

  /** The client as a page has it, through the public door without a network. */
  function questionsOf(token: string | (() => Promise<string>)): HoldpointQuestions {
    const send = (url: string | URL | Request, init?: RequestInit) =>
      Promise.resolve(
        service.service.app.request(url instanceof Request ? url : String(url), {
          ...init,
          headers: { ...Object.fromEntries(new Headers(init?.headers)), host: "localhost:7777" },
        }),
      );
    return new HoldpointQuestions({ url: "http://localhost:7777", token, fetch: send, maxRetries: 0 });
  }

  /** Collects events until `stop`; `until` resolves once there are so many. */
  async function watch(client: HoldpointQuestions, lastEventId?: string) {
    const events: QuestionEvent[] = [];
    let cursor = lastEventId;
    let changed = (): void => undefined;
    let opened = (): void => undefined;
    const open = new Promise<void>((resolve) => {
      opened = resolve;
    });
    const stop = client.subscribe(
      (event) => {
        events.push(event);
        changed();
      },
      {
        ...(lastEventId !== undefined && { lastEventId }),
        // The first cursor comes with the open stream: from here on nothing is missed.
        onCursor: (at) => {
          cursor = at;
          opened();
        },
        onOpen: () => {
          if (lastEventId !== undefined) opened();
        },
      },
    );
    await open;
    return {
      events,
      stop,
      cursor: () => cursor,
      until: async (count: number, isCounted: (event: QuestionEvent) => boolean = () => true) => {
        while (events.filter(isCounted).length < count)
          await new Promise<void>((resolve) => {
            changed = resolve;
          });
        return events;
      },
    };
  }

  test("tells of their own questions, as they see them, and of nobody else's (I7, R25)", async () => {
    const mine = await watch(questionsOf(await tokenOf(service, "sue")));
    const theirs = await watch(questionsOf(await tokenOf(service, "tom")));
    const forTom = await ask(service, "tom", { title: "Tom's" });
    await service.call("POST", "/v1/holds", {
      key: service.agentKey,
      body: { action: { name: "launch" }, endUserId: "sue" },
    });
    const forSue = await ask(service, "sue", { title: "Sue's" });
    await theirs.until(1);
    await mine.until(1);
    await questionsOf(await tokenOf(service, "sue")).answer(forSue, "home");
    await service.call("POST", `/v1/holds/${forTom}/cancel`, { body: { reason: "internal" } });
    expect((await mine.until(2)).map(({ type, data }) => [type, data.id])).toEqual([
      ["hold.created", forSue],
      ["hold.decided", forSue],
    ]);
    expect((await theirs.until(2)).map(({ type, data }) => [type, data.id, data.status])).toEqual([
      ["hold.created", forTom, "pending"],
      ["hold.cancelled", forTom, "cancelled"],
    ]);
    const [event] = mine.events;
    expect(Object.keys(event ?? {}).toSorted()).toEqual(["createdAt", "data", "id", "type"]);
    expect(Object.keys(event?.data ?? {}).toSorted()).toEqual(
      Object.keys((await questionsOf(await tokenOf(service, "sue")).get(forSue)) ?? {}).toSorted(),
    );
    expect(JSON.stringify(theirs.events)).not.toContain("internal");
    mine.stop();
    theirs.stop();
  });

  test("loses nothing that happened while nobody watched (I12), and gives each event once", async () => {
    const client = questionsOf(await tokenOf(service, "una"));
    const first = await watch(client);
    const one = await ask(service, "una");
    await first.until(1);
    const cursor = first.cursor();
    first.stop();
    const missed: string[] = [];
    for (let n = 0; n < 5; n++) missed.push(await ask(service, "una"));
    await client.decline(one);
    const second = await watch(client, cursor);
    // What lies above the safe cursor comes again after a resume: each once by its id.
    const isNew = ({ id }: QuestionEvent) => !first.events.some((seen) => seen.id === id);
    const events = await second.until(6, isNew);
    const own = events.filter(isNew);
    expect(own.map(({ type }) => type).toSorted()).toEqual([
      ...Array.from({ length: 5 }, () => "hold.created"),
      "hold.decided",
    ]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    expect(events.map(({ data }) => data.id)).toEqual(expect.arrayContaining(missed));
    second.stop();
  });

  test("tells at once of deadlines and reminders", async () => {
    await store().setClock("2027-05-03T08:00:00Z");
    const token = await tokenOf(service, "vic");
    const watching = await watch(questionsOf(token));
    const id = await ask(service, "vic", { remindEverySeconds: 60, timeoutSeconds: 150 });
    await watching.until(1);
    const sweeper = createSweeper({
      database: store().database,
      wakeups: service.service.wakeups,
      logger: silentLogger as never,
    });
    await store().setClock("2027-05-03T08:01:05Z");
    await sweeper.takeSteps();
    await watching.until(2);
    await store().setClock("2027-05-03T08:03:00Z");
    await sweeper.sweep();
    const events = await watching.until(3);
    expect(events.map(({ type }) => type)).toEqual(["hold.created", "hold.reminded", "hold.expired"]);
    expect(events[2]?.data).toMatchObject({ id, status: "expired" });
    watching.stop();
    await store().setClock(null);
  });

  test("ends with the token; a page that can fetch another goes on by itself", async () => {
    const tokens = ["hpu_old", await tokenOf(service, "wil")];
    const asked: string[] = [];
    const client = questionsOf(async () => {
      const token = tokens.shift() ?? "hpu_none";
      asked.push(token);
      return Promise.resolve(token);
    });
    expect((await client.page()).data).toEqual([]);
    expect((await client.page()).data).toEqual([]);
    expect(asked).toHaveLength(2);
    await expect(questionsOf("hpu_old").page()).rejects.toMatchObject({ code: "unauthorized" });
    const answer = await service.call("GET", "/v1/questions/events", {
      key: await tokenOf(service, "wil"),
      headers: { "last-event-id": "not one" },
    });
    expect(answer.status).toBe(422);
  });
});
