import { afterAll, beforeAll, expect, test } from "vitest";
import { openEmbedded, type EmbeddedDatabase } from "../../src/database/embedded/embedded-database.ts";
import { silentLogger as logger } from "../../src/testing/silent-logger.ts";

let database: EmbeddedDatabase;
beforeAll(async () => {
  database = await openEmbedded({ logger, waitForConnectionMs: 300 });
  await database.query("create table public.notes (id int primary key)");
});
afterAll(() => database.close());

async function readIds(): Promise<number[]> {
  return (await database.query<{ id: number }>("select id from public.notes order by id")).map(
    ({ id }) => id,
  );
}

test("a client destroyed in mid-transaction is rolled back before the next session begins", async () => {
  const client = await database.pool.connect();
  await client.query("begin");
  await client.query("insert into public.notes values (1)");
  client.release(true);
  expect(await readIds()).toEqual([]);
  await database.query("insert into public.notes values (2)");
  expect(await readIds()).toEqual([2]);
});

test("a client destroyed with a statement under way hands none of its answers to the next", async () => {
  const client = await database.pool.connect();
  client.on("error", () => {});
  await client.query("begin");
  const pending = client
    .query("insert into public.notes select generate_series(100, 1100) returning id")
    .then(
      () => "answered",
      () => "failed",
    );
  client.release(true);
  const next = await database.query("select 'mine' as answer");
  expect(next).toEqual([{ answer: "mine" }]);
  expect(await pending).toBe("failed");
  expect(await readIds()).toEqual([2]);
});

test("a client given back inside a transaction is not handed out", async () => {
  const client = await database.pool.connect();
  await client.query("begin");
  await client.query("insert into public.notes values (4)");
  client.release();
  expect(await readIds()).toEqual([2]);
});

test("settings, role and prepared statements end with the session", async () => {
  const client = await database.pool.connect();
  await client.query("create role somebody");
  await client.query("set role somebody");
  await client.query("set statement_timeout = '7s'");
  await client.query({ name: "named", text: "select 1 as version" });
  client.release(true);
  const [row] = await database.query(
    "select current_user as role, current_setting('statement_timeout') as timeout",
  );
  expect(row).toEqual({ role: "postgres", timeout: "0" });
  const other = await database.pool.connect();
  const result = await other.query<{ version: number }>({ name: "named", text: "select 2 as version" });
  other.release();
  expect(result.rows).toEqual([{ version: 2 }]);
});

test("who waits for the connection too long is told why", async () => {
  const client = await database.pool.connect();
  await expect(database.query("select 1")).rejects.toMatchObject({ code: "database_busy" });
  client.release();
  expect(await database.query("select 1 as one")).toEqual([{ one: 1 }]);
});

test("statements that fail leave the session usable, in both protocols", async () => {
  for (const values of [undefined, [1]]) {
    await expect(
      database.query("select nonsense($1::int)".replace("$1", values ? "$1" : "1"), values),
    ).rejects.toMatchObject({
      code: "42883",
    });
    await expect(database.query("selec", values)).rejects.toMatchObject({ code: "42601" });
    expect(await database.query("select 1 as one")).toEqual([{ one: 1 }]);
  }
  expect(database.pool.totalCount).toBe(1);
});
