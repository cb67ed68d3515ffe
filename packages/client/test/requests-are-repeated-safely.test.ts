import { describe, expect, test } from "vitest";
import { Holdpoint, HoldpointApiError, HoldpointConnectionError } from "../src/index.ts";
import { ScriptedServer, sendJson, type Answer } from "./scripted-server.ts";

function problem(status: number, code: string, more = {}) {
  return {
    type: "about:blank",
    title: "t",
    status,
    code,
    detail: `It is ${code}.`,
    requestId: "req_1",
    ...more,
  };
}

/** Answers the nth request with the nth answer, and every later one with the last. */
function inTurn(...answers: Answer[]): Answer {
  let count = 0;
  return (request, response) => answers[Math.min(count++, answers.length - 1)]?.(request, response);
}

const ok: Answer = (_request, response) => sendJson(response, 200, { id: "hold_1", status: "pending" });

describe("a request", () => {
  test.each([
    ["503", (response) => sendJson(response, 503, problem(503, "unavailable"))],
    ["a proxy's page", (response) => response.writeHead(502).end("<h1>Bad gateway</h1>")],
    ["429", (response) => sendJson(response, 429, problem(429, "too_many_requests"), { "retry-after": "0" })],
    ["a request of ours still running", (response) => sendJson(response, 409, problem(409, "in_progress"))],
    ["a connection that broke", (response) => response.destroy()],
    [
      "an answer that broke off",
      (response) => {
        response.writeHead(200, { "content-length": "100" }).write('{"id"');
        setImmediate(() => response.destroy());
      },
    ],
  ] satisfies [string, (response: Parameters<Answer>[1]) => unknown][])(
    "is sent again after %s, with the same idempotency key",
    async (_name, fail) => {
      await using server = await ScriptedServer.start(inTurn((_request, response) => fail(response), ok));
      const client = new Holdpoint({ url: server.url, apiKey: "hpo_x" });
      const hold = await client.holds.decide("hold_1", { verdict: "reject" });
      expect(hold.id).toBe("hold_1");
      const keys = server.received.map((request) => request.headers["idempotency-key"]);
      expect(keys).toHaveLength(2);
      expect(keys[0]).toBe(keys[1]);
      expect(keys[0]).toMatch(/^.{16,}$/);
    },
  );

  test("two POSTs never share a key, a GET has none", async () => {
    await using server = await ScriptedServer.start(ok);
    const client = new Holdpoint({ url: `${server.url}/`, apiKey: "hpo_x" });
    await client.holds.cancel("hold_1");
    await client.holds.cancel("hold_1");
    await client.holds.get("hold_1");
    const keys = server.received.map((request) => request.headers["idempotency-key"]);
    expect(new Set(keys).size).toBe(3);
    expect(keys[2]).toBeUndefined();
    expect(server.received[2]?.headers.authorization).toBe("Bearer hpo_x");
  });

  test("a refusal is thrown at once, whole", async () => {
    const body = problem(409, "already_decided", {
      hold: { id: "hold_1" },
      errors: [{ path: "a", message: "b" }],
    });
    await using server = await ScriptedServer.start((_request, response) => sendJson(response, 409, body));
    const client = new Holdpoint({ url: server.url, apiKey: "hpo_x" });
    const error = await client.holds.decide("hold_1", { verdict: "skip" }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(HoldpointApiError);
    expect(HoldpointApiError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({
      code: "already_decided",
      status: 409,
      detail: "It is already_decided.",
      message: "It is already_decided.",
      requestId: "req_1",
      errors: [{ path: "a", message: "b" }],
      problem: body,
    });
    expect(server.received).toHaveLength(1);
  });

  test("a redirect is refused: another address must not be handed the key", async () => {
    await using server = await ScriptedServer.start((_request, response) =>
      response.writeHead(302, { location: "http://127.0.0.1:9/" }).end(),
    );
    const client = new Holdpoint({ url: server.url, apiKey: "hpo_x" });
    await expect(client.holds.get("hold_1")).rejects.toMatchObject({ status: 302 });
  });

  test("a page instead of JSON says that this is no Holdpoint server", async () => {
    await using server = await ScriptedServer.start((_request, response) => response.end("<h1>Welcome</h1>"));
    const client = new Holdpoint({ url: server.url, apiKey: "hpo_x" });
    await expect(client.holds.get("hold_1")).rejects.toThrow(/not JSON/);
  });

  test("nobody there is said with the cause", async () => {
    const server = await ScriptedServer.start(ok);
    await server[Symbol.asyncDispose]();
    const client = new Holdpoint({ url: server.url, apiKey: "hpo_x", maxRetries: 0 });
    const error = await client.holds.get("hold_1").catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(HoldpointConnectionError);
    expect((error as Error).message).toMatch(/Cannot reach .*ECONNREFUSED/);
  });

  test("an attempt that takes too long is given up", async () => {
    await using server = await ScriptedServer.start(inTurn(() => {}, ok));
    const client = new Holdpoint({ url: server.url, apiKey: "hpo_x", timeoutMs: 100 });
    await expect(client.holds.get("hold_1")).resolves.toMatchObject({ id: "hold_1" });
  });

  test("the caller's signal ends it with the caller's reason", async () => {
    const abort = new AbortController();
    await using server = await ScriptedServer.start(() => abort.abort(new Error("enough")));
    const client = new Holdpoint({ url: server.url, apiKey: "hpo_x" });
    await expect(client.holds.get("hold_1", { signal: abort.signal })).rejects.toThrow("enough");
  });

  test("a prefix of the address is kept, and ids cannot leave their path", async () => {
    await using server = await ScriptedServer.start(ok);
    const client = new Holdpoint({ url: `${server.url}/approvals/`, apiKey: "hpo_x" });
    await client.holds.get("../api-keys?x");
    expect(server.received[0]?.path).toBe("/approvals/v1/holds/..%2Fapi-keys%3Fx");
  });

  test.each(["localhost:7777", "", "file:///etc/passwd"])("refuses %j as an address", (url) => {
    expect(() => new Holdpoint({ url, apiKey: "k" })).toThrow(TypeError);
  });
});

describe("a list", () => {
  test("is fetched page by page", async () => {
    await using server = await ScriptedServer.start((request, response) => {
      const page = Number(request.query.get("cursor") ?? "0");
      sendJson(response, 200, {
        data: [{ id: `hold_${page}` }],
        nextCursor: page < 2 ? String(page + 1) : null,
      });
    });
    const client = new Holdpoint({ url: server.url, apiKey: "hpo_x" });
    const ids: string[] = [];
    for await (const hold of client.holds.list({ status: "pending" })) ids.push(hold.id);
    expect(ids).toEqual(["hold_0", "hold_1", "hold_2"]);
    expect(server.received.map((request) => request.query.get("status"))).toEqual(Array(3).fill("pending"));
  });
});

describe("waiting", () => {
  test("polls on until there is an outcome", async () => {
    await using server = await ScriptedServer.start(
      inTurn(ok, (_request, response) => sendJson(response, 200, { id: "hold_1", status: "rejected" })),
    );
    const client = new Holdpoint({ url: server.url, apiKey: "hpo_x" });
    await expect(client.holds.wait("hold_1")).resolves.toMatchObject({ status: "rejected" });
    expect(server.received).toHaveLength(2);
  });

  test("comes back pending when its time is over", async () => {
    await using server = await ScriptedServer.start(ok);
    const client = new Holdpoint({ url: server.url, apiKey: "hpo_x" });
    await expect(client.holds.wait("hold_1", { timeoutSeconds: 0 })).resolves.toMatchObject({
      status: "pending",
    });
  });
});
