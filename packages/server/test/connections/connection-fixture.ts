import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import pino from "pino";
import type { DefinedAgent } from "../../src/agents/agent.ts";
import { defineConfig } from "../../src/agents/config.ts";
import type { Connections } from "../../src/connections/connections.ts";
import { defineProvider, type ProviderOptions } from "../../src/connections/provider.ts";
import { listen } from "../../src/http/listen.ts";
import { Secret } from "../../src/identity/secret.ts";
import { createService, type Service } from "../../src/service.ts";
import type { TestStore } from "../../src/testing/stores.ts";
import { CLIENT, startRealProvider, type RealProvider } from "./real-provider.ts";
import { TestBrowser } from "./test-browser.ts";

export const SCOPES = ["openid", "offline_access", "email"];

export interface ConnectionFixture {
  readonly provider: RealProvider;
  readonly origin: string;
  readonly connections: Connections;
  readonly orgId: string;
  readonly adminKey: string;
  readonly agentKey: string;
  /** Everything that was logged. */
  readonly logged: string[];
  call(
    method: string,
    path: string,
    options?: { body?: unknown; key?: string },
  ): Promise<{ status: number; body: Answer; text: string }>;
  /** A hold that asks for a sign-in, as an agent elsewhere asks. */
  ask(endUserId: string, scopes?: string[], provider?: string): Promise<Answer>;
  /** A ticket for it. */
  offer(need: object): Promise<string>;
  /** The whole way in one browser: what the result page says. */
  connect(
    endUserId: string,
    scopes?: string[],
    browser?: TestBrowser,
  ): Promise<{ status: number; text: string }>;
  /** Up to the address of the callback, which is not opened. */
  toCallback(url: string, browser: TestBrowser): Promise<string>;
  events(): Promise<StoredEvent[]>;
  /** A second instance over the same database. */
  second(secret?: string): Promise<Service>;
  stop(): Promise<void>;
}

export interface StoredEvent {
  type: string;
  data: Answer;
  actor_kind: string;
  actor_id: string;
  hold_id: string | null;
  end_user_id: string | null;
  decision: string | null;
}

// The tests look into answers of every shape.
// oxlint-disable-next-line typescript/no-explicit-any -- a test names the members it expects
type Answer = any;

const SECRET = "a secret of the tests, long enough for one";

export async function startConnections(
  store: TestStore,
  options: Partial<ProviderOptions> = {},
  database = store.database,
  agents: readonly DefinedAgent[] = [],
): Promise<ConnectionFixture> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const path = (options.callbackPath ?? "/v1/oauth/{provider}/callback").replace("{provider}", "calendar");
  const provider = await startRealProvider([`${origin}${path}`, `${origin}/v1/oauth/other/callback`]);
  const common = { issuer: provider.issuer, ...CLIENT, scopes: SCOPES };
  const logged: string[] = [];
  const make = (secret: string) =>
    createService({
      database,
      config: defineConfig({
        agents,
        providers: [
          defineProvider({ id: "calendar", label: "Calendar <b>", ...common, ...options }),
          defineProvider({ id: "other", label: "Other", ...common }),
        ],
      }),
      publicUrl: origin,
      port,
      environment: {},
      logger: pino({ level: "trace" }, { write: (line: string) => void logged.push(line) }),
      version: "0.0.0",
      secret: new Secret(secret),
    });
  const service = await make(SECRET);
  const admin = await service.start();
  const server = await listen({ fetch: service.app.fetch, host: "localhost", port });
  const others: Service[] = [];

  const fixture: ConnectionFixture = {
    provider,
    origin,
    logged,
    connections: service.connections,
    orgId: admin.orgId,
    adminKey: admin.localKey,
    agentKey: admin.exampleKey,
    async call(method, at, { body, key = admin.localKey } = {}) {
      const response = await fetch(origin + at, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, text, body: text === "" ? undefined : JSON.parse(text) };
    },
    async ask(endUserId, scopes = ["calendar:read"], providerId = "calendar") {
      const body = {
        kind: "authorization",
        provider: providerId,
        scopes,
        purpose: "To find a free hour.",
        endUserId,
      };
      return (await fixture.call("POST", "/v1/holds", { body, key: admin.exampleKey })).body;
    },
    async offer(need) {
      return (await fixture.call("POST", "/v1/connections/authorize", { body: need })).body.url;
    },
    async connect(endUserId, scopes = ["calendar:read"], browser = new TestBrowser()) {
      const url = await fixture.offer({ endUserId, provider: "calendar", scopes });
      const { response } = await browser.follow(url);
      return { status: response.status, text: await response.text() };
    },
    async toCallback(url, browser) {
      const { next, response } = await browser.follow(url, (to) => to.startsWith(`${origin}/`));
      if (next === undefined) throw new Error(`no callback: ${response.status} ${await response.text()}`);
      return next;
    },
    events: () =>
      database.ownerSession(async (owner) => {
        const { rows } = await owner.query<StoredEvent>(
          "select type, data, actor_kind, actor_id, hold_id, end_user_id, decision from holdpoint.events order by xid, id",
        );
        return rows;
      }),
    async second(secret = SECRET) {
      const other = await make(secret);
      others.push(other);
      return other;
    },
    async stop() {
      await server.close();
      for (const other of others) await other.stop();
      await service.stop();
      await provider.close();
    },
  };
  return fixture;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
