import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestStore, type OpenTestStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";

let store: OpenTestStore;
let service: TestService;
beforeAll(async () => {
  store = await openTestStore("embedded");
  service = await startTestService(store);
});
afterAll(async () => {
  await service.stop();
  await store.close();
});

test("/docs shows every operation of /openapi.json to people, and runs nothing", async () => {
  const page = await service.call("GET", "/docs", { key: null });
  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(page.headers.get("content-security-policy")).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; base-uri/,
  );
  const text = String(page.body);
  expect(text).not.toMatch(/<script|\son\w+=|https?:\/\//);
  const { body } = await service.call("GET", "/openapi.json", { key: null });
  const { paths } = body as { paths: Record<string, Record<string, { summary: string }>> };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `<span class="method">${method.toUpperCase()}</span> ${path}<`),
  );
  expect(operations.length).toBeGreaterThan(40);
  expect(operations.filter((operation) => !text.includes(operation))).toEqual([]);
});

test("/openapi.json says in whose words each route tells of errors", async () => {
  const { body } = await service.call("GET", "/openapi.json", { key: null });
  const wordsOf = (path: string) => {
    const [[type, { schema }]] = Object.entries(body.paths[path].post.responses.default.content) as [
      [string, { schema: { required: string[] } }],
    ];
    return [type, schema.required];
  };
  expect(wordsOf("/agents/hitl/decision")).toEqual(["application/json", ["error", "message"]]);
  expect(wordsOf("/api/v1/approvals")).toEqual(["application/json", ["error", "code", "details"]]);
  expect(wordsOf("/agents/{agent_id}/runs")).toEqual([
    "application/json",
    expect.arrayContaining(["detail"]),
  ]);
  expect(wordsOf("/v1/holds")).toEqual(["application/problem+json", expect.arrayContaining(["detail"])]);
});
