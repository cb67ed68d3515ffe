// `holdpoint migrate --from`: an embedded folder with holds pending, killed in the middle of its work, goes on in a real
// PostgreSQL whose owner is no superuser. I2: nothing is executed twice, here or there. I5: one log, which still verifies.
// I6: deadlines are what they were. I12: a stream goes on where it was.
import type { Hold, HoldpointEvent, Run } from "@holdpoint/protocol";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openDatabase, type Database } from "../../packages/server/src/database/database.ts";
import { openEmbedded } from "../../packages/server/src/database/embedded/embedded-database.ts";
import { listTables } from "../../packages/server/src/database/move/moved-tables.ts";
import { silentLogger } from "../../packages/server/src/testing/silent-logger.ts";
import { fillDataDir, openTestStore, type OpenTestStore } from "../../packages/server/src/testing/stores.ts";
import { onlyHold, pendingHolds, type HttpDoor } from "./http-door.ts";
import {
  endAll,
  repository,
  runCommand,
  startCommand,
  startService,
  temporaryFolder,
  type Environment,
  type ServiceProcess,
} from "./service-process.ts";

const program = join(repository, "packages", "holdpoint", "bin", "holdpoint.mjs");
/** Each of these starts two or three processes, on a machine that may have other work. */
const timeout = 150_000;
const folder = temporaryFolder();
const dataDir = join(folder.path, "embedded");
const outboxPath = join(folder.path, "outbox.jsonl");
const environment: Environment = {
  HOLDPOINT_CONFIG: fileURLToPath(new URL("./records.config.ts", import.meta.url)),
  RECORDS_OUTBOX: outboxPath,
};
const name = `moved_${randomBytes(6).toString("hex")}`;
let store: OpenTestStore;
let url: string;

beforeAll(async () => {
  store = await openTestStore("postgres");
  await store.database.ownerSession(async (owner) => {
    await owner.query(`create role ${name} login createrole`);
    await owner.query(`create database ${name} owner ${name}`);
    await owner.query(`create database ${name}_second owner ${name}`);
    // The cluster's roles are there already, from the tests' own database.
    const { rows } = await owner.query<{ role: string }>(
      "select rolname as role from pg_roles where rolname like 'hp\\_%'",
    );
    for (const { role } of rows) await owner.query(`grant ${role} to ${name} with admin option`);
  });
  const there = new URL(store.url ?? "");
  there.username = name;
  there.pathname = `/${name}`;
  url = there.href;
});
afterAll(async () => {
  await endAll();
  await store.database.ownerSession(async (owner) => {
    await owner.query(`drop database if exists ${name} with (force)`);
    await owner.query(`drop database if exists ${name}_second with (force)`);
    await owner.query(`drop role ${name}`);
  });
  await store.close();
  folder.remove();
});

async function holdpoint(args: string[], env: Environment = {}) {
  const command = runCommand(program, args, { ...environment, HOLDPOINT_DATA_DIR: dataDir, ...env });
  const code = await command.ended;
  return { code, stdout: command.stdout(), stderr: command.stderr() };
}

const migrate = (from = dataDir, to = url) => holdpoint(["migrate", "--from", from], { DATABASE_URL: to });

type Owner = Parameters<Parameters<Database["ownerSession"]>[0]>[0];

interface Before {
  holds: Hold[];
  runs: Run[];
  log: HoldpointEvent[];
  /** Where a stream of the organisation's events stood. */
  cursor: string;
  asked: Hold;
  apiKey: string;
}

async function allHolds(door: HttpDoor): Promise<Hold[]> {
  const { data } = await door.ask<{ data: Hold[] }>("GET", "/v1/holds?limit=200");
  return data;
}

async function wholeLog(door: HttpDoor): Promise<HoldpointEvent[]> {
  const page = await door.ask<{ data: { event: HoldpointEvent }[] }>("GET", "/v1/audit/entries?limit=200");
  return page.data.map(({ event }) => event);
}

async function lastCursor(door: HttpDoor, last: HoldpointEvent): Promise<string> {
  for await (const { cursor, event } of door.follow("/v1/events", { lastEventId: "0." })) {
    if (event.id === last.id) return cursor;
  }
  throw new Error("The stream ended.");
}

/** Everything signed, so that what is lost from the log would be missed. */
async function signed(door: HttpDoor): Promise<void> {
  await vi.waitFor(
    async () => {
      const { size } = await door.ask<{ size: number }>("GET", "/v1/audit/checkpoint");
      expect(size).toBe((await wholeLog(door)).length);
    },
    { timeout: 20_000, interval: 50 },
  );
}

const question = {
  action: { name: "launch", arguments: { site: "north", note: "für Käthe\n€" } },
  timeoutSeconds: 86_400,
};
const asking = { body: question, headers: { "idempotency-key": "launch-north" } };

async function work(service: ServiceProcess): Promise<Before> {
  const { door } = service;
  const half = await door.tellAgent("keeper", "notify ada then notify bob");
  await door.approve(onlyHold(half));
  const together = await door.tellAgent("keeper", "count; delete 5; notify cy");
  await door.approve(pendingHolds(together)[0] as Hold);
  const asked = await door.ask<Hold>("POST", "/v1/holds", asking);
  await door.settled(half.id);
  await signed(door);
  const log = await wholeLog(door);
  const cursor = await lastCursor(door, log[0] as HoldpointEvent);
  const runs = await Promise.all([door.getRun(half.id), door.getRun(together.id)]);
  return { holds: await allHolds(door), runs, log, cursor, asked, apiKey: service.apiKey };
}

async function digests(owner: Owner) {
  const found = [];
  for (const { name, columns, isForced } of await listTables(owner)) {
    const row = columns.map((column) => `${column.name}::text`).join(", ");
    const { rows } = await owner.query<{ rows: number; digest: string }>(
      `select count(*)::int as rows, md5(string_agg(md5(r), '' order by md5(r))) as digest from (select array[${row}]::text as r from ${name}) t`,
    );
    found.push({ name, isForced, ...rows[0], rows: rows[0]?.rows ?? 0 });
  }
  return found;
}

let before: Before;

test("a folder that is in use is refused, and goes on", { timeout }, async () => {
  const service = await startService({ ...environment, HOLDPOINT_DATA_DIR: dataDir });
  before = await work(service);
  const { code, stderr } = await migrate();
  expect(code).toBe(1);
  expect(stderr).toContain(`${dataDir} is in use by process ${service.child.pid}`);
  expect((await service.door.request("GET", "/ready")).status).toBe(200);
  await service.kill();
});

test(
  "killed in the middle it has left nothing there, and the folder is shut until it is done again",
  { timeout },
  async () => {
    const first = runCommand(program, ["migrate", "--from", dataDir], { ...environment, DATABASE_URL: url });
    const copying = Promise.withResolvers<void>();
    first.child.stderr?.on("data", () => / of \d+ rows/.test(first.stderr()) && copying.resolve());
    void first.ended.then(() => copying.reject(new Error(first.stderr())));
    await copying.promise;
    first.child.kill("SIGKILL");
    expect(await first.ended).toBe("SIGKILL");
    const shut = startCommand({ ...environment, HOLDPOINT_DATA_DIR: dataDir });
    expect(await shut.ended).toBe(1);
    expect(shut.stderr()).toContain("when that was broken off");
  },
);

test(
  "moved, whole: the folder is shut, and the same holds wait in the other database",
  { timeout },
  async () => {
    const { code, stdout, stderr } = await migrate();
    expect([code, stderr]).toEqual([0, expect.stringContaining("holds everything now.")]);
    expect(stdout).toContain(`moved ${before.holds.length} rows of holdpoint.holds`);
    expect(stderr).toContain("Tables of your tools stayed behind: public.");
    expect(stderr).not.toContain(readFileSync(join(dataDir, "secret"), "utf8").trim());

    const again = startCommand({ ...environment, HOLDPOINT_DATA_DIR: dataDir });
    expect(await again.ended).toBe(1);
    expect(again.stderr()).toContain(`was moved to`);
  },
);

test("every row of every table is the same, byte for byte", { timeout }, async () => {
  const there = new URL(store.url ?? "");
  there.pathname = `/${name}`; // as the superuser, who sees all rows
  const target = await openDatabase({ url: there.href, logger: silentLogger });
  const source = await openEmbedded({ dataDir, logger: silentLogger, isMove: true });
  try {
    const before = await source.ownerSession(digests);
    expect(await target.ownerSession(digests)).toEqual(before);
    const filled = before.flatMap(({ name, rows }) => (rows > 0 ? [name] : []));
    expect(filled).toEqual(
      expect.arrayContaining(["holdpoint.holds", "holdpoint.audit_checkpoints", 'auth."user"']),
    );
  } finally {
    await source.close();
    await target.close();
  }
});

test(
  "there it goes on: decided, executed once, one log that verifies from its first entry",
  { timeout },
  async () => {
    const secret = readFileSync(join(dataDir, "secret"), "utf8").trim();
    const service = await startService({
      ...environment,
      DATABASE_URL: url,
      HOLDPOINT_SECRET: secret,
      HOLDPOINT_DATA_DIR: join(folder.path, "instance"),
    });
    const { door } = service;
    expect(service.apiKey).toBe(before.apiKey);
    expect(await allHolds(door)).toEqual(before.holds);
    expect(await wholeLog(door)).toEqual(before.log);
    // The same request again is the same hold.
    expect(await door.ask("POST", "/v1/holds", asking)).toMatchObject({ id: before.asked.id });

    const next = door.follow("/v1/events", { lastEventId: before.cursor });
    for (const { id } of before.runs)
      for (const hold of pendingHolds(await door.getRun(id))) await door.approve(hold);
    const { value } = await next.next();
    expect(value?.event).toMatchObject({ type: "hold.decided" });
    expect(before.log.map(({ id }) => id)).not.toContain(value?.event.id);
    await next.return(undefined);

    const ended = await Promise.all(before.runs.map(({ id }) => door.settled(id)));
    expect(ended.map(({ status }) => status)).toEqual(["completed", "completed"]);
    const lines = readFileSync(outboxPath, "utf8").trim().split("\n");
    const told = lines.map((line) => JSON.parse(line) as { to: string; attempt: number });
    expect(told.map(({ to, attempt }) => [to, attempt])).toEqual([
      ["ada", 1],
      ["bob", 1],
      ["cy", 1],
    ]);
    expect(await door.approve(before.asked)).toMatchObject({
      status: "approved",
      expiresAt: before.asked.expiresAt,
    });

    await signed(door);
    // Also against the checkpoints that the folder has kept outside of its database.
    const online = { HOLDPOINT_URL: service.url, HOLDPOINT_API_KEY: service.apiKey };
    const checkpoints = join(dataDir, "checkpoints.jsonl");
    expect(existsSync(checkpoints)).toBe(true);
    const verified = await holdpoint(["audit", "verify", "--checkpoint", checkpoints], online);
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/^fits/) });
    await service.stop();
  },
);

test("killed before its end was written down, it is finished by the same command", { timeout }, async () => {
  writeFileSync(join(dataDir, "moved"), `${JSON.stringify({ state: "moving", to: "x", at: "then" })}\n`);
  expect(await migrate()).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("already held everything"),
  });
  expect(JSON.parse(readFileSync(join(dataDir, "moved"), "utf8"))).toMatchObject({ state: "moved" });
});

// I2: what was approved before would be executed in both.
test.each(["moved", "moving"])(
  "to a second database it does not go, once it is %s",
  { timeout },
  async (state) => {
    const path = join(dataDir, "moved");
    const marker = JSON.stringify({ ...(JSON.parse(readFileSync(path, "utf8")) as object), state });
    writeFileSync(path, marker);
    const second = new URL(url);
    second.pathname = `/${name}_second`;
    const { code, stderr } = await migrate(dataDir, second.href);
    expect([code, stderr]).toEqual([4, expect.stringContaining(`/${name} (`)]);
    expect(stderr).toContain("Set DATABASE_URL to the first.");
    expect(readFileSync(path, "utf8")).toBe(marker);
  },
);

test("a database that holds something is refused, and the folder is as before", { timeout }, async () => {
  const other = join(folder.path, "other");
  await fillDataDir(other);
  const { code, stderr } = await migrate(other);
  expect(code).toBe(4);
  expect(stderr).toContain("is not empty: there is something in");
  expect(existsSync(join(other, "moved"))).toBe(false);
  const nothing = await migrate(join(folder.path, "nothing"));
  expect([nothing.code, nothing.stderr]).toEqual([
    4,
    expect.stringContaining("There is no embedded database"),
  ]);
});
