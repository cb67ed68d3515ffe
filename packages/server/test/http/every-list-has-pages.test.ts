import { afterAll, beforeAll, expect, test } from "vitest";
import { defineAgent } from "../../src/agents/agent.ts";
import { defineConfig } from "../../src/agents/config.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";

/** These are for an end user's own credential. */
const ELSEWHERE = ["/v1/questions"];

describeEachStore("every list", (store) => {
  let service: TestService;
  const agents = ["ann", "ben", "cid"].map((id) =>
    defineAgent({ id, name: id, model: "openai/none", tools: [], script: () => ({ text: "Done." }) }),
  );
  beforeAll(async () => {
    service = await startTestService(store(), { config: defineConfig({ agents }) });
  });
  afterAll(() => service?.stop());

  const get = (path: string) => service.call("GET", path);

  async function lists(): Promise<string[]> {
    const { body } = await get("/openapi.json");
    const paths = Object.keys(body.paths as object).filter(
      (path) => path.startsWith("/v1/") && !path.includes("{") && !ELSEWHERE.includes(path),
    );
    return paths.filter((path) => {
      const answer = body.paths[path].get?.responses["200"]?.content?.["application/json"]?.schema;
      return answer?.properties?.data?.type === "array";
    });
  }

  test("takes a limit of 1 to 200 and a cursor of its own, and says whether there is more", async () => {
    const paths = await lists();
    expect(paths).toEqual(expect.arrayContaining(["/v1/agents", "/v1/holds", "/v1/standing-orders"]));
    for (const path of paths) {
      for (const query of ["limit=0", "limit=201", "limit=abc", "limit=1.5", "cursor=nonsense"]) {
        const { status, body } = await get(`${path}?${query}`);
        expect([path, query, status, body.code]).toEqual([path, query, 422, "invalid_request"]);
      }
      const { status, body } = await get(`${path}?limit=200`);
      expect([path, status, body.nextCursor]).toEqual([path, 200, null]);
    }
  });

  test("of what is known as a whole goes page by page, also where the last one shown is gone", async () => {
    const made = await service.call("POST", "/v1/agents", { body: { name: "Made", tools: [] } });
    const { body: first } = await get("/v1/agents?limit=2");
    expect(first.data.map(({ id }: { id: string }) => id)).toEqual(["ann", "ben"]);
    const { body: second } = await get(`/v1/agents?limit=2&cursor=${first.nextCursor}`);
    expect(second).toMatchObject({ data: [{ id: "cid" }, { id: made.body.id }], nextCursor: null });
    const { body: third } = await get(`/v1/agents?limit=1&cursor=${first.nextCursor}`);
    expect(await service.call("GET", `/v1/agents?cursor=${third.nextCursor}`)).toMatchObject({
      body: { data: [{ id: made.body.id }], nextCursor: null },
    });
    for (const tool of ["read", "write", "wipe"])
      await service.call("POST", `/v1/tools/${tool}/hold`, { body: { reason: "odd" } });
    const { body: newest } = await get("/v1/standing-orders?limit=1");
    expect(newest).toMatchObject({ data: [{ subject: "wipe" }] });
    await service.call("POST", "/v1/tools/wipe/release", { body: {} });
    expect((await get(`/v1/standing-orders?cursor=${newest.nextCursor}`)).body.data).toMatchObject([
      { subject: "write" },
      { subject: "read" },
    ]);
    expect((await get(`/v1/standing-orders?cursor=${first.nextCursor}`)).status).toBe(422);
  });

  test("takes no cursor of another list", async () => {
    for (let order = 1; order <= 2; order++) {
      await service.call("POST", "/v1/holds", { body: { action: { name: "refund", arguments: { order } } } });
      await service.call("POST", "/v1/runs", {
        body: {
          agentId: "elsewhere",
          input: "work",
          external: true,
          endUserId: `user-${order}`,
          sessionId: `talk-${order}`,
        },
      });
    }
    const paths = await lists();
    const given: [string, string][] = [];
    for (const path of paths) {
      const { body } = await get(`${path}?limit=1`);
      if (body.nextCursor !== null) given.push([path, body.nextCursor]);
    }
    const from = given.map(([path]) => path);
    expect(from).toEqual(expect.arrayContaining(["/v1/holds", "/v1/runs", "/v1/sessions", "/v1/end-users"]));
    for (const [of, cursor] of given) {
      for (const path of paths.filter((other) => other !== of)) {
        const { status } = await get(`${path}?cursor=${encodeURIComponent(cursor)}`);
        expect([of, path, status]).toEqual([of, path, 422]);
      }
    }
  });
});
