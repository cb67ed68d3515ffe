import { afterAll, beforeAll, expect, test } from "vitest";
import { defineConfig } from "../../src/agents/config.ts";
import { RequestBudgets } from "../../src/identity/request-budgets.ts";
import { hashCredential } from "../../src/identity/credential.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";

const LIMIT = 60;

describeEachStore("requests in a minute", (store) => {
  let first: TestService;
  let second: TestService;
  /** The first second of a minute, so that no minute ends within a test. */
  let minute = Date.parse("2026-11-21T12:00:00Z");
  const nextMinute = async (): Promise<void> => store().setClock(new Date((minute += 60_000)).toISOString());
  beforeAll(async () => {
    await nextMinute();
    const config = defineConfig({
      agents: [],
      limits: { requestsPerMinute: LIMIT, endUserRequestsPerMinute: 2 },
    });
    first = await startTestService(store(), { config });
    second = await startTestService(store(), { config });
  });
  afterAll(async () => {
    await first?.stop();
    await second?.stop();
    await store().setClock(null);
  });

  async function newKey(name: string): Promise<string> {
    const made = await first.call("POST", "/v1/api-keys", { body: { name, kind: "agent" } });
    expect(made.status).toBe(201);
    return made.body.key;
  }

  test("are as many for a key as the config says, over all instances together, and each answer says where it stands", async () => {
    const key = await newKey("busy");
    const answers = await Promise.all(
      Array.from({ length: 2 * LIMIT }, (_, n) =>
        (n % 2 === 0 ? first : second).call("GET", "/v1/me", { key }),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(LIMIT);
    expect(statuses.filter((status) => status === 429)).toHaveLength(LIMIT);
    for (const { status, headers, body } of answers) {
      expect(headers.get("x-ratelimit-limit")).toBe(String(LIMIT));
      expect(Number(headers.get("x-ratelimit-reset"))).toSatisfy((s: number) => s >= 1 && s <= 60);
      if (status === 200) {
        expect(Number(headers.get("x-ratelimit-remaining"))).toSatisfy((n: number) => n >= 0 && n < LIMIT);
        continue;
      }
      expect(body).toMatchObject({ code: "too_many_requests", detail: expect.stringContaining("Wait ") });
      expect(headers.get("retry-after")).toBe(headers.get("x-ratelimit-reset"));
      expect(headers.get("x-ratelimit-remaining")).toBe("0");
    }
    // Another key has its own.
    expect((await first.call("GET", "/v1/me", { key: await newKey("calm") })).status).toBe(200);
  });

  test("count refused ones too: what does not fit a schema costs as much", async () => {
    const key = await newKey("clumsy");
    for (let n = 0; n < 3; n++) {
      const answer = await first.call("POST", "/v1/holds", { key, body: { nonsense: true } });
      expect(answer.status).toBe(422);
      expect(answer.headers.get("x-ratelimit-remaining")).toBe(String(LIMIT - 1 - n));
    }
  });

  test("of nobody are refused for that, and take nothing from anybody", async () => {
    const answer = await first.call("GET", "/v1/me", { key: "hpa_nobody" });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("x-ratelimit-limit")).toBeNull();
  });

  test("of thousands of made-up credentials push out nothing that others have leased", async () => {
    let given = 0;
    const row = () => ({ limit: 20, granted: 1, left: 20 - ++given, windowMs: 60_000 });
    const database = {
      call: async (_name: string, hash: unknown) => (hash === "somebody" && given < 20 ? row() : null),
    };
    const budgets = new RequestBudgets(database, { perMinute: 20, endUserPerMinute: 1 }, () => 0);
    expect(await budgets.spend("somebody")).toMatchObject({ remaining: 19 });
    expect(await budgets.spend("somebody")).toMatchObject({ remaining: 18 });
    given = 19;
    // The last portion of the minute, and a place that is kept.
    expect(await budgets.spend("somebody")).toMatchObject({ remaining: 0 });
    for (let n = 0; n < 10_001; n++) expect(await budgets.spend(`made up ${n}`)).toBeUndefined();
    expect(() => budgets.spend("somebody")).toThrow("has made its 20 requests");
  });

  test("of an end user have a limit of their own, over all of their tokens", async () => {
    const tokenOf = async (): Promise<string> => {
      const { status, body } = await first.call("POST", "/v1/end-users/ada/tokens", { body: {} });
      expect(status).toBe(201);
      return body.token;
    };
    const [token, other] = [await tokenOf(), await tokenOf()];
    const ask = (service: TestService, key: string) => service.call("GET", "/v1/questions", { key });
    expect((await ask(first, token)).status).toBe(200);
    expect((await ask(second, other)).status).toBe(200);
    expect((await ask(first, token)).status).toBe(429);
  });

  test("are leased in portions, not written one by one, and are new in the next minute", async () => {
    const hash = hashCredential(first.adminKey);
    const { database } = store();
    let calls = 0;
    let now = 0;
    const counting = {
      call: (...args: Parameters<typeof database.call>) => {
        calls += 1;
        return database.call(...args);
      },
    };
    await nextMinute();
    const budgets = new RequestBudgets(counting, { perMinute: 2_000, endUserPerMinute: 1 }, () => now);
    for (let n = 1; n <= 2_000; n++) {
      expect(await budgets.spend(hash)).toMatchObject({ limit: 2_000, remaining: 2_000 - n });
    }
    // 10, 20, 40, 80 and then 100 at a time.
    expect(calls).toBe(23);
    for (let n = 0; n < 100; n++)
      await expect((async () => budgets.spend(hash))()).rejects.toThrow("Wait 60 s.");
    expect(calls).toBe(23);
    now += 60_000;
    await nextMinute();
    for (let n = 1; n <= 10; n++) expect(await budgets.spend(hash)).toMatchObject({ remaining: 2_000 - n });
    expect(calls).toBe(24);
  });

  test("of a service that dies and starts fifty times in a minute are not used up by what it had leased", async () => {
    const hash = hashCredential(await newKey("of a loop of crashes"));
    await nextMinute();
    for (let start = 1; start <= 50; start++) {
      const budgets = new RequestBudgets(store().database, { perMinute: 60_000, endUserPerMinute: 1 });
      for (let n = 0; n < 20; n++) expect(await budgets.spend(hash)).toMatchObject({ limit: 60_000 });
    }
  });

  test("of a limit below twenty are leased one by one, and never more than there are", async () => {
    const hash = hashCredential(await newKey("rare"));
    const budgets = [1, 2, 3].map(
      () => new RequestBudgets(store().database, { perMinute: 5, endUserPerMinute: 1 }),
    );
    const spent = await Promise.allSettled(
      Array.from({ length: 30 }, async (_, n) => budgets[n % budgets.length]?.spend(hash)),
    );
    expect(spent.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
  });
});
