import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { listen, type Listening } from "../../src/http/listen.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";

interface Message {
  type: "open" | "event";
  cursor: string;
  event?: { id: string; type: string; holdId: string };
}

/** A socket with what came so far. */
class Client implements Disposable {
  readonly socket: WebSocket;
  readonly messages: Message[] = [];
  #wake: () => void = () => undefined;

  constructor(
    url: string,
    options: { key?: string; headers?: Record<string, string>; protocols?: string[] },
  ) {
    this.socket = new WebSocket(url, options.protocols ?? [], {
      headers: {
        host: "localhost:7777",
        ...(options.key !== undefined && { authorization: `Bearer ${options.key}` }),
        ...options.headers,
      },
    });
    this.socket.on("error", () => undefined); // a refusal is looked at by its answer
    this.socket.on("message", (data) => {
      this.messages.push(JSON.parse((data as Buffer).toString()) as Message);
      this.#wake();
    });
    this.socket.on("close", () => this.#wake());
  }

  async until(isReached: (messages: readonly Message[]) => boolean): Promise<void> {
    while (!isReached(this.messages)) {
      if (this.socket.readyState === this.socket.CLOSED) throw new Error("The socket was closed.");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  get holdIds(): (string | undefined)[] {
    return this.messages.flatMap(({ event }) => (event?.type === "hold.created" ? [event.holdId] : []));
  }

  /** The status and problem of a refusal. */
  async refusal(): Promise<{ status: number; code: string; retryAfter: string | undefined }> {
    const [, response] = (await once(this.socket, "unexpected-response")) as [unknown, IncomingMessage];
    let text = "";
    for await (const chunk of response) text += String(chunk);
    const { code } = JSON.parse(text) as { code: string };
    return { status: response.statusCode ?? 0, code, retryAfter: response.headers["retry-after"] };
  }

  async closing(): Promise<[number, string]> {
    const [code, reason] = (await once(this.socket, "close")) as [number, Buffer];
    return [code, String(reason)];
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

describeEachStore("the WebSocket of events", (store) => {
  let service: TestService;
  let server: Listening;
  let url: string;
  beforeAll(async () => {
    service = await startTestService(store(), { streamLimits: { perCredential: 2 } });
    const { app, upgrade } = service.service;
    server = await listen({ fetch: app.fetch, upgrade, host: "127.0.0.1", port: 0 });
    url = `ws://127.0.0.1:${server.port}/v1/ws`;
  });
  afterAll(async () => {
    await server.close(0);
    await service.stop();
  });
  const propose = async (): Promise<string> =>
    (await service.call("POST", "/v1/holds", { key: service.agentKey, body: { action: { name: "launch" } } }))
      .body.id as string;

  test("tells what happens, resumes after an acknowledged cursor, and filters", async () => {
    let cursor: string;
    let first: string;
    {
      using client = new Client(url, { key: service.adminKey });
      await client.until((messages) => messages[0]?.type === "open");
      first = await propose();
      await client.until(() => client.holdIds.includes(first));
      cursor = client.messages.at(-1)?.cursor ?? "";
      client.socket.send(JSON.stringify({ type: "ack", cursor }));
      client.socket.close(1000);
      await once(client.socket, "close");
    }
    const missed = await propose();
    using resumed = new Client(`${url}?after=${cursor}`, { headers: { "x-api-key": service.adminKey } });
    await resumed.until(() => resumed.holdIds.includes(missed));
    using one = new Client(`${url}?holdId=${missed}&after=${cursor}`, { key: service.adminKey });
    await one.until(() => one.holdIds.length > 0);
    expect(new Set(one.holdIds)).toEqual(new Set([missed]));

    using third = new Client(url, { key: service.adminKey });
    expect(await third.refusal()).toMatchObject({ status: 429, code: "too_many_requests", retryAfter: "10" });
  });

  test("is refused before it opens: no key, a wrong one, a foreign cookie, another path, a bad cursor", async () => {
    const refused = async (path: string, options: ConstructorParameters<typeof Client>[1]) => {
      using client = new Client(url.replace("/v1/ws", path), options);
      return await client.refusal();
    };
    expect(await refused("/v1/ws", {})).toMatchObject({ status: 401, code: "unauthorized" });
    expect(await refused("/v1/ws", { key: "hpo_wrong" })).toMatchObject({ status: 401 });
    expect(await refused("/v1/other", { key: service.adminKey })).toMatchObject({ status: 404 });
    // No address at all, also to URL.
    expect(await refused("//", { key: service.adminKey })).toMatchObject({ status: 404 });
    expect(await refused("/v1/ws?after=17", { key: service.adminKey })).toMatchObject({ status: 422 });
    expect(
      await refused("/v1/ws", { key: service.adminKey, headers: { host: "evil.example" } }),
    ).toMatchObject({
      status: 421,
    });
  });

  test("takes a session's cookie from its own pages only", async () => {
    const { origin } = new URL("http://localhost:7777");
    const { orgId, admin } = service.service.firstAdmin ?? { orgId: "", admin: { id: "" } };
    const link = await service.service.identity.links.createOwnSignInLink(orgId, admin.id);
    const page = await service.service.app.request(link.url, {
      method: "POST",
      headers: { host: "localhost:7777", origin },
    });
    const cookie = page.headers
      .getSetCookie()
      .map((set) => set.split(";")[0])
      .join("; ");
    for (const headers of [{ cookie }, { cookie, origin: "https://evil.example" }]) {
      using foreign = new Client(url, { headers });
      expect(await foreign.refusal()).toMatchObject({ status: 403, code: "not_allowed" });
    }
    using own = new Client(url, { headers: { cookie, origin } });
    await own.until((messages) => messages[0]?.type === "open");
  });

  test("a ticket opens one, once, for the credential it was made with", async () => {
    const made = await service.call("POST", "/v1/ws-tickets", { body: {} });
    expect(made.status).toBe(201);
    expect(JSON.stringify(made.body)).not.toContain(service.adminKey);
    const protocols = ["holdpoint.v1", `holdpoint.ticket.${made.body.ticket}`];
    using client = new Client(url, { protocols });
    await client.until((messages) => messages[0]?.type === "open");
    expect(client.socket.protocol).toBe("holdpoint.v1");
    using again = new Client(url, { protocols });
    expect(await again.refusal()).toMatchObject({ status: 401 });
    const old = service.service.identity.tickets.issue("0".repeat(64), Date.now() - 31_000);
    expect(service.service.identity.tickets.redeem(old.ticket)).toBeUndefined();
    using changed = new Client(url, { protocols: ["holdpoint.v1", `holdpoint.ticket.${"A".repeat(90)}`] });
    expect(await changed.refusal()).toMatchObject({ status: 401 });
  });

  test("what no client says closes it, with a code; so does the end of the right, with the cursor to resume from", async () => {
    using talker = new Client(url, { key: service.adminKey });
    await talker.until((messages) => messages.length > 0);
    talker.socket.send("hello");
    expect(await talker.closing()).toMatchObject([1007, expect.stringContaining("ack")]);

    const made = await service.call("POST", "/v1/api-keys", {
      body: { name: "watcher", kind: "agent", scopes: ["audit:read"] },
    });
    using watcher = new Client(url, { key: made.body.key });
    await watcher.until((messages) => messages.length > 0);
    await service.call("DELETE", `/v1/api-keys/${made.body.id}`);
    const closed = watcher.closing();
    const told = setInterval(() => void propose(), 300);
    expect(await closed).toMatchObject([1008, expect.stringMatching(/^refused; resume=\d+\./)]);
    clearInterval(told);
  });

  test("where no upgrade is passed on, the path says what to do", async () => {
    const answer = await service.call("GET", "/v1/ws");
    expect(answer).toMatchObject({ status: 426, body: { code: "upgrade_required" } });
    expect(answer.headers.get("upgrade")).toBe("websocket");
    expect(answer.body.detail).toContain('server.on("upgrade"');
  });
});
