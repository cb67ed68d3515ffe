import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { openDatabase } from "../../src/database/database.ts";
import { describeEachStore, fillDataDir } from "../../src/testing/stores.ts";
import { silentLogger } from "../../src/testing/silent-logger.ts";
import { startConnections } from "./connection-fixture.ts";
import { CLIENT } from "./real-provider.ts";
import { TestBrowser } from "./test-browser.ts";

/** All that could have kept a token: every refresh, refusal and error on the way included. */
async function useEverything(
  at: Awaited<ReturnType<typeof startConnections>>,
  advance: (ms: number) => Promise<void>,
) {
  const seen: string[] = [];
  const note = async (response: Response) =>
    seen.push(JSON.stringify([...response.headers]), await response.clone().text());
  const browser = new TestBrowser();
  const hold = await at.ask("alice");
  const callback = await at.toCallback(await at.offer({ holdId: hold.id }), browser);
  at.provider.isDown = true;
  await note(await browser.get(callback));
  at.provider.isDown = false;
  await note(await browser.get(callback));
  await note(await browser.get(callback));
  const need = { orgId: at.orgId, endUserId: "alice", provider: "calendar", scopes: ["calendar:read"] };
  const first = await at.connections.fresh(need);
  await advance(3_590_000);
  const second = await at.connections.fresh(need);
  if (first.type !== "ready" || second.type !== "ready") throw new Error("not ready");
  await at.connections.refuse(need, { accessToken: second.accessToken, isRenewed: false });
  at.provider.isDown = true;
  await advance(7_200_000);
  const error: unknown = await at.connections.fresh(need).catch((thrown: unknown) => thrown);
  seen.push(inspect(error, { depth: 10, showHidden: true }));
  at.provider.isDown = false;
  for (const path of [
    "/v1/connections",
    "/v1/holds",
    `/v1/holds/${hold.id}`,
    "/v1/audit?format=json",
    "/v1/audit/entries",
    "/openapi.json",
  ])
    seen.push(
      await fetch(at.origin + path, { headers: { authorization: `Bearer ${at.adminKey}` } }).then((answer) =>
        answer.text(),
      ),
    );
  await at.provider.revokeAll();
  await at.connections.fresh(need).catch(() => undefined);
  seen.push(...at.logged, JSON.stringify(await at.events()));
  // A second person, whose connection stays.
  at.provider.person = { account: "bert", allows: true };
  await at.connect("bert");
  return {
    seen,
    code: new URL(callback).searchParams.get("code") ?? "",
    state: new URL(callback).searchParams.get("state") ?? "",
  };
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

test("tokens, codes, states and client secrets are in no file of the data folder, log line, event or answer", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "holdpoint-vault-"));
  try {
    await fillDataDir(dataDir);
    const database = await openDatabase({ dataDir, logger: silentLogger });
    const at = await startConnections({ database } as never, {}, database);
    const { seen, code, state } = await useEverything(at, (ms) =>
      database.ownerSession(async (owner) => {
        const shift = "(holdpoint.hp_now() + $1 * interval '1 millisecond')::text";
        await owner.query(`select holdpoint.set_test_clock(${shift})`, [ms]);
      }),
    );
    await at.stop();
    await database.close();
    const secrets = [...at.provider.secrets, code, state, CLIENT.clientSecret];
    expect(secrets.length).toBeGreaterThan(8);
    for (const secret of secrets) expect(secret.length).toBeGreaterThan(20);
    const files = filesUnder(dataDir);
    expect(files.length).toBeGreaterThan(500);
    const found: string[] = [];
    for (const file of files) {
      const bytes = readFileSync(file);
      for (const secret of secrets) if (bytes.includes(secret)) found.push(`${file}: ${secret.slice(0, 8)}`);
    }
    const said = seen.join("\n");
    for (const secret of secrets) if (said.includes(secret)) found.push(`said: ${secret.slice(0, 8)}`);
    expect(found).toEqual([]);
    // The search does find what is there.
    expect(files.some((file) => readFileSync(file).includes("calendar:read"))).toBe(true);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

describeEachStore("tokens in the tables", (store) => {
  test("no row of any table has one", async () => {
    const at = await startConnections(store());
    try {
      const { code, state } = await useEverything(at, (ms) => store().advance(ms));
      const text = await store().database.ownerSession(async (owner) => {
        const { rows } = await owner.query<{ table_name: string }>(
          "select table_name from information_schema.tables where table_schema = 'holdpoint' and table_type = 'BASE TABLE'",
        );
        const all: string[] = [];
        for (const { table_name: name } of rows)
          all.push(JSON.stringify((await owner.query(`select t::text from holdpoint."${name}" t`)).rows));
        return all.join("\n");
      });
      expect(text).toContain("calendar:read");
      for (const secret of [...at.provider.secrets, code, state, CLIENT.clientSecret])
        expect(text.includes(secret)).toBe(false);
    } finally {
      await at.stop();
    }
  });
});
