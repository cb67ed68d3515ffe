// What a service that runs is sent and what it is started with, when it is wrong: a clear word, the right status or exit
// code, never a stack trace on the terminal. What packages/holdpoint/test shows already (ports, folders, settings, config
// files) is not shown again.
import type { Hold, Problem } from "@holdpoint/protocol";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test } from "vitest";
import { withOwnerConnection } from "../../packages/server/src/database/postgres-database.ts";
import { startPostgres, type PostgresServer } from "../../packages/server/src/testing/postgres-server.ts";
import { HttpDoor, onlyHold } from "./http-door.ts";
import { Lineage } from "./lineage.ts";
import { sendRaw } from "./raw-request.ts";
import {
  endAll,
  exampleConfig,
  repository,
  startCommand,
  startService,
  temporaryFolder,
  type Environment,
  type ServiceProcess,
} from "./service-process.ts";

const folder = temporaryFolder();
afterAll(async () => {
  await endAll();
  folder.remove();
});

describe("requests", () => {
  let service: ServiceProcess;
  let host: string;
  beforeAll(async () => {
    service = await startService({
      HOLDPOINT_CONFIG: exampleConfig,
      HOLDPOINT_DATA_DIR: join(folder.path, "requests"),
    });
    host = new URL(service.url).host;
  });
  beforeEach(() => {
    onTestFailed(() => console.error(service.stderr()));
  });

  /** The head of a request, with the admin's key. */
  const head = (line: string, ...headers: string[]): string =>
    [line, `Host: ${host}`, `Authorization: Bearer ${service.apiKey}`, ...headers, "Connection: close"].join(
      "\r\n",
    ) + "\r\n\r\n";
  const post = (...headers: string[]): string =>
    head("POST /v1/holds HTTP/1.1", "Content-Type: application/json", ...headers);

  test.each<[string, string, string, number, Problem["code"]]>([
    ["a broken body", "POST /v1/holds", '{"action":', 400, "invalid_json"],
    ["a body that is no object", "POST /v1/holds", "[]", 422, "invalid_request"],
    ["a wrong type", "POST /v1/holds", '{"action":{"name":5}}', 422, "invalid_request"],
    ["an unknown member", "POST /v1/holds", '{"action":{"name":"x"},"oops":1}', 422, "invalid_request"],
    [
      "an unsafe integer",
      "POST /v1/holds",
      '{"action":{"name":"x","arguments":{"n":9007199254740993}}}',
      422,
      "invalid_request",
    ],
    [
      "__proto__",
      "POST /v1/holds",
      '{"action":{"name":"x","arguments":{"__proto__":1}}}',
      422,
      "invalid_request",
    ],
    ["U+0000", "POST /v1/holds", '{"action":{"name":"a\\u0000b"}}', 422, "invalid_request"],
    [
      "arguments outside the tool's schema",
      "POST /v1/holds",
      '{"agentId":"data_manager","action":{"name":"delete_records","arguments":{"table_name":"users","count":-1}}}',
      422,
      "invalid_arguments",
    ],
    ["an unknown hold", "GET /v1/holds/hold_01kfzzzzzzzzzzzzzzzzzzzzzz", "", 404, "not_found"],
    ["an id that is none", "GET /v1/holds/%ff", "", 404, "not_found"],
    ["an unknown run", "GET /v1/runs/run_1", "", 404, "not_found"],
    ["an unknown agent", "POST /v1/agents/nobody/runs", '{"input":"x"}', 404, "not_found"],
    ["a run of nothing", "POST /v1/agents/data_manager/runs", '{"input":""}', 422, "invalid_request"],
    ["an unknown path", "GET /v2/holds", "", 404, "not_found"],
    ["a path with an empty segment", "GET //evil.example/v1/holds", "", 404, "not_found"],
    ["a method that the path does not take", "DELETE /v1/holds", "", 405, "method_not_allowed"],
    ["a method that fetch forbids", "TRACE /v1/holds", "", 405, "method_not_allowed"],
    ["a limit past its bounds", "GET /v1/holds?limit=201", "", 422, "invalid_request"],
    ["a foreign cursor", "GET /v1/holds?cursor=bm9uc2Vuc2U", "", 422, "invalid_request"],
    ["a wait that is too long", "GET /v1/holds/hold_1/wait?timeoutSeconds=61", "", 422, "invalid_request"],
  ])("%s: %s %s is %i %s", async (_case, line, body, status, code) => {
    const bodyHeaders =
      body === "" ? [] : ["Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`];
    const answer = await sendRaw(service.url, head(`${line} HTTP/1.1`, ...bodyHeaders) + body);
    expect(answer.status).toBe(status);
    expect(answer.head).toContain("content-type: application/problem+json");
    const problem = JSON.parse(answer.body) as Problem;
    expect(problem).toMatchObject({ status, code });
    expect(problem.detail.length).toBeGreaterThan(10);
    expect(answer.head).toContain(`x-request-id: ${problem.requestId}`);
  });

  const MIB = 1_048_576;

  test("a body over 1 MiB is 413, whether its length is told before or it comes in chunks", async () => {
    const told = await sendRaw(service.url, `${post(`Content-Length: ${MIB + 1}`)}{`);
    expect(told).toMatchObject({ status: 413, body: expect.stringContaining("body_too_large") as string });
    const chunk = `10000\r\n${" ".repeat(65_536)}\r\n`;
    const chunked = await sendRaw(service.url, [
      post("Transfer-Encoding: chunked"),
      ...Array.from({ length: 17 }, () => chunk),
      "0\r\n\r\n",
    ]);
    expect(chunked).toMatchObject({ status: 413, body: expect.stringContaining("body_too_large") as string });
    const largest = JSON.stringify({ action: { name: "x", arguments: { padding: "" } } });
    const fitting = largest.replace('""', `"${"x".repeat(MIB - largest.length)}"`);
    expect(
      await service.door.request("POST", "/v1/holds", { body: JSON.parse(fitting) as object }),
    ).toMatchObject({
      status: 201,
    });
  });

  test("a client that goes away in the middle of its body leaves no error behind", async () => {
    const before = service.stderr().length;
    for (let index = 0; index < 5; index++) {
      const socket = connect(Number(new URL(service.url).port), "127.0.0.1");
      socket.write(`${post("Content-Length: 100")}{"action"`);
      await once(socket, "connect");
      socket.resetAndDestroy();
    }
    expect((await sendRaw(service.url, `${post("Transfer-Encoding: chunked")}zz\r\n`)).status).toBe(400);
    expect((await service.door.request("GET", "/health")).status).toBe(200);
    expect(service.stderr().slice(before)).not.toContain('"level":50');
  });

  test("a foreign Host is 421, however it is told", async () => {
    const foreign = (line: string, name: string): Promise<{ status: number | undefined; body: string }> =>
      sendRaw(service.url, `${line}\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);
    for (const [line, name] of [
      ["GET /v1/holds HTTP/1.1", "evil.example"],
      ["GET /v1/holds HTTP/1.1", `evil.example:${new URL(service.url).port}`],
      ["GET /v1/holds HTTP/1.1", "localhost:1"],
      ["GET /v1/holds HTTP/1.1", `localhost.evil.example`],
      ["GET / HTTP/1.1", "evil.example"],
      ["GET /sign-in HTTP/1.1", "evil.example"],
      ["GET /openapi.json HTTP/1.1", "evil.example"],
      ["GET /nowhere HTTP/1.1", "evil.example"],
    ] as const) {
      const answer = await foreign(line, name);
      expect(answer, `${line} for ${name}`).toMatchObject({
        status: 421,
        body: expect.stringContaining("wrong_host") as string,
      });
    }
    for (const line of ["GET /v1/holds HTTP/1.1", "GET http://localhost/v1/holds HTTP/1.1"]) {
      const nameless = await sendRaw(service.url, `${line}\r\nConnection: close\r\n\r\n`);
      expect(nameless.status).toBe(400);
    }
  });

  test("a signed-in browser decides from this server's own pages only", async () => {
    const { signInUrl } = JSON.parse(service.stdout()) as { signInUrl: string };
    const path = new URL(signInUrl).pathname;
    const visitor = new HttpDoor(service.url, undefined);
    const page = { origin: service.url, "sec-fetch-site": "same-origin" };
    // Another site's form does not sign in, and uses nothing up.
    expect(
      (await visitor.request("POST", path, { headers: { origin: "https://evil.example" } })).status,
    ).toBe(403);
    const signedIn = await fetch(`${service.url}${path}`, {
      method: "POST",
      headers: page,
      redirect: "manual",
    });
    expect(signedIn.status).toBe(303);
    const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
    expect(cookie).toMatch(/^holdpoint_session=./);

    const hold = await service.door.ask<Hold>("POST", "/v1/holds", { body: { action: { name: "refund" } } });
    const decide = (headers: Record<string, string>) =>
      visitor.request("POST", `/v1/holds/${hold.id}/decisions`, {
        body: { verdict: "skip" },
        headers: { cookie, ...headers },
      });
    for (const headers of [
      { origin: "https://evil.example" },
      { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      { origin: service.url, "sec-fetch-site": "cross-site" },
      { origin: "null" },
      { origin: `${service.url}.evil.example` },
      {},
    ] as Record<string, string>[]) {
      expect(await decide(headers), `with ${JSON.stringify(headers)}`).toMatchObject({
        status: 403,
        body: { code: "not_allowed" },
      });
    }
    expect((await service.door.ask<Hold>("GET", `/v1/holds/${hold.id}`)).status).toBe("pending");
    expect(await decide({ ...page, cookie: `${cookie.slice(0, -6)}AAAAAA` })).toMatchObject({ status: 401 });
    expect(await decide(page)).toMatchObject({ status: 200, body: { status: "skipped" } });
  });

  test.each([
    ["no HTTP at all", "GARBAGE\r\n\r\n", 400],
    ["a TLS greeting", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001", 400],
    [
      "two lengths",
      "POST /v1/holds HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
    ],
    [
      "a header without end",
      `GET /v1/holds HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`,
      431,
    ],
  ])("%s is refused, and the next request is answered", async (_case, bytes, status) => {
    expect((await sendRaw(service.url, bytes)).status).toBe(status);
    expect((await service.door.request("GET", "/v1/holds?limit=1")).status).toBe(200);
  });
});

describe("a full disk under a running service", () => {
  test("is 503 until there is space again; what was acknowledged is kept, and nothing else appears", async () => {
    const dataDir = join(folder.path, "full-disk");
    mkdirSync(dataDir);
    const lineage = new Lineage(
      { HOLDPOINT_DATA_DIR: dataDir, RECORDS_OUTBOX: join(dataDir, "outbox") },
      async () => undefined,
    );
    const { door } = await lineage.living();
    const propose = (index: number) =>
      door.request<{ id: string; detail: string }>("POST", "/v1/holds", {
        body: { action: { name: "refund", arguments: { index } } },
      });
    const kept = (await propose(1)).body.id;
    const run = await door.tellAgent("keeper", "delete 5");
    await lineage.setDiskFull(true);
    for (let index = 2; index < 5; index++) {
      const refused = await propose(index);
      expect(refused).toMatchObject({ status: 503, body: { code: "unavailable" } });
      expect(refused.headers.get("retry-after")).not.toBeNull();
      expect(refused.body.detail).not.toMatch(/PANIC|ENOSPC/);
    }
    expect((await door.request("GET", "/health")).status).toBe(200);
    await lineage.setDiskFull(false);
    const { data } = await door.ask<{ data: Hold[] }>("GET", "/v1/holds?status=pending");
    const held = onlyHold(run);
    expect(new Set(data.map(({ id }) => id))).toEqual(new Set([kept, held.id]));
    await door.approve(held);
    expect(await door.settled(run.id)).toMatchObject({
      status: "completed",
      toolCalls: [{ result: { deleted: 5 } }],
    });
    await lineage.end();
  });
});

describe("a start that cannot succeed says why in words, and ends with 1", () => {
  let count = 0;

  async function refused(env: Environment): Promise<string> {
    count += 1;
    const command = startCommand({
      HOLDPOINT_CONFIG: exampleConfig,
      HOLDPOINT_DATA_DIR: join(folder.path, `refused-${count}`),
      ...env,
    });
    const code = await command.ended;
    const said = command.stderr();
    expect({ code, stdout: command.stdout() }, `it said ${said}`).toEqual({ code: 1, stdout: "" });
    expect(said).not.toMatch(/^ {4}at |node:internal|Node\.js v|defect of Holdpoint/m);
    // Asked for JSON, it refuses in JSON.
    return (JSON.parse(said.trim().split("\n").at(-1) ?? "") as Problem).detail;
  }

  function config(text: string): Environment {
    count += 1;
    const path = join(folder.path, `bad-${count}.config.ts`);
    writeFileSync(path, text);
    return { HOLDPOINT_CONFIG: path };
  }

  const holdpoint = join(repository, "packages", "holdpoint", "src", "index.ts");

  test("a config that throws, with the place", async () => {
    const said = await refused(config('const table = undefined;\nthrow new Error("no table today");\n'));
    expect(said).toMatch(/no table today/);
    expect(said).toMatch(/bad-\d+\.config\.ts:2/);
  });

  test("a config with an option that does not exist, with the one that was meant", async () => {
    const text = `import { defineConfig } from "${holdpoint}";\nexport default defineConfig({ agnets: [] });\n`;
    expect(await refused(config(text))).toMatch(/unknown option "agnets".*Did you mean "agents"/);
  });

  test("a setup that fails", async () => {
    const text = `import { defineConfig } from "${holdpoint}";
export default defineConfig({ agents: [], setup: async ({ database }) => void (await database.query("select * from nowhere")) });\n`;
    expect(await refused(config(text))).toMatch(/nowhere/);
  });

  test("a host that is not this machine's", async () => {
    expect(await refused({ HOST: "192.0.2.1" })).toMatch(/192\.0\.2\.1/);
  });

  describe("a database", () => {
    let postgres: PostgresServer;
    beforeAll(async () => {
      postgres = await startPostgres();
      await requirePasswords(postgres);
    });
    afterAll(() => postgres.remove());

    test("that does not take the password, which is not repeated", async () => {
      const url = postgres.url("postgres", "clerk:wrong-password");
      const said = await refused({ DATABASE_URL: url });
      expect(said).toMatch(/password authentication failed for user "clerk"/);
      expect(said).not.toContain("wrong-password");
    });

    test("that does not exist on that server", async () => {
      const said = await refused({ DATABASE_URL: postgres.url("missing", "clerk:right-password") });
      expect(said).toMatch(/database "missing" does not exist/);
    });

    test("whose user may make nothing there", async () => {
      const said = await refused({ DATABASE_URL: postgres.url("postgres", "clerk:right-password") });
      expect(said).toMatch(/permission|privilege|right/i);
      expect(said).not.toContain("right-password");
    });

    test.each([
      ["speaks HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n"],
      ["says nothing and hangs up", ""],
    ])("that is none: what listens there %s", async (_case, words) => {
      const impostor = createServer((socket) => socket.on("error", () => undefined).end(words)).listen(
        0,
        "127.0.0.1",
      );
      await once(impostor, "listening");
      const { port } = impostor.address() as AddressInfo;
      const said = await refused({ DATABASE_URL: `postgres://me:secret@127.0.0.1:${port}/x` });
      impostor.close();
      expect(said).toMatch(new RegExp(`Cannot connect to postgres://me@127\\.0\\.0\\.1:${port}/x`));
      expect(said).not.toContain("secret");
    });
  });
});

/** The server of tests trusts everybody; this one lets `clerk` in by password only. */
async function requirePasswords(postgres: PostgresServer): Promise<void> {
  await withOwnerConnection(postgres.url(), async (owner) => {
    await owner.query("create role clerk login password 'right-password'");
    const { rows } = await owner.query<{ path: string }>("select current_setting('hba_file') as path");
    const path = rows[0]?.path ?? "";
    const lines = ["host all postgres 127.0.0.1/32 trust", "host all all 127.0.0.1/32 scram-sha-256"];
    await owner.query(`copy (select unnest(array['${lines.join("', '")}'])) to '${path}'`);
    await owner.query("select pg_reload_conf()");
  });
}
