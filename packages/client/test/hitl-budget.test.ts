import { describe, expect, test } from "vitest";
import { clockOffsetMs } from "../src/glaip/clock-offset.ts";
import { callbackBudgetMs, GlaipClient, HitlHandler, type HitlRequest } from "../src/glaip/index.ts";
import { ScriptedServer, sendJson } from "./scripted-server.ts";

const NOW = Date.parse("2026-08-01T12:00:00Z");

describe("how long a callback may take", () => {
  const request = (timeout_at: string | null, timeout_seconds: number | null) =>
    ({ timeout_at, timeout_seconds }) as HitlRequest;
  test.each<[string, string | null, number | null, number | undefined]>([
    ["80 % of what is left, whatever timeout_seconds says", "2026-08-01T12:01:00+00:00", 180, 48_000],
    ["another zone", "2026-08-01T14:01:00.500+02:00", 1, 48_000],
    ["five seconds at least", "2026-08-01T12:00:06Z", 180, 5_000],
    ["never more than there is", "2026-08-01T12:00:03Z", 180, 3_000],
    ["nothing of what is over", "2026-08-01T11:00:00Z", 180, 0],
    ["timeout_seconds where timeout_at cannot be read", "soon", 60, 48_000],
    ["timeout_seconds where there is none", null, 10, 8_000],
    ["for ever without both", null, null, undefined],
  ])("%s", (_name, at, seconds, expected) => {
    expect(callbackBudgetMs(request(at, seconds), NOW)).toBe(expected);
  });
});

describe("how far the server's clock is ahead", () => {
  test.each<[string, string | null, number, number]>([
    ["an hour behind", "Sat, 01 Aug 2026 11:00:00 GMT", 1_000, -3_600_000],
    ["an hour ahead", "Sat, 01 Aug 2026 13:00:00 GMT", 1_000, 3_600_000],
    ["two seconds are the network's and the second's", "Sat, 01 Aug 2026 11:59:58 GMT", 1_000, 0],
    ["three are not", "Sat, 01 Aug 2026 11:59:57 GMT", 1_000, -3_000],
    ["nor are they of an answer that took a minute", "Sat, 01 Aug 2026 12:00:50 GMT", 60_000, 0],
    ["no Date, as in a browser of another origin", null, 1_000, 0],
    ["no date at all", "yesterday", 1_000, 0],
  ])("%s", (_name, date, tookMs, expected) => {
    expect(clockOffsetMs(date, NOW, NOW + tookMs)).toBe(expected);
  });
});

test.each([
  ["ahead of", -3_600_000],
  ["behind", 3_600_000],
])("a callback has its time where this clock is an hour %s the server's", async (_words, aheadMs) => {
  const serverNow = () => Date.now() + aheadMs;
  await using server = await ScriptedServer.start(({ path }, response) => {
    if (path === "/agents/hitl/decision") return sendJson(response, 200, { status: "ok", message: "ok" });
    const hitl = {
      required: true,
      decision: "pending",
      request_id: "req_1",
      timeout_at: new Date(serverNow() + 60_000).toISOString(),
    };
    const chunk = { metadata: { hitl, tool_info: { name: "delete_records", args: {} } } };
    const date = new Date(serverNow()).toUTCString();
    return response
      .writeHead(200, { "content-type": "text/event-stream", date })
      .end(`data: ${JSON.stringify(chunk)}\n\n`);
  });
  const client = new GlaipClient({ url: server.url, apiKey: "hpo_x" });
  const budgets: number[] = [];
  const handler = new HitlHandler(
    { client, autoApprove: false, callback: () => ({ decision: "approved" }) },
    {
      now: Date.now,
      findTerminal: () => undefined,
      delay: (ms, signal) => {
        budgets.push(ms);
        return new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => reject(new Error("over")), { once: true });
        });
      },
    },
  );
  await client.agents.run("data_manager", "Delete 50", { hitlHandler: handler });
  await handler.waitForPendingDecisions();
  expect(server.received.at(-1)?.body).toEqual({ request_id: "req_1", decision: "approved" });
  // 80 % of a minute, less what the answer took and what the whole seconds of a Date hide.
  expect(budgets[0]).toBeGreaterThan(30_000);
  expect(budgets[0]).toBeLessThanOrEqual(49_000);
});
