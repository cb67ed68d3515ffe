/** Whoever waits in a circle is ended by PostgreSQL, with nothing done: what may be repeated is repeated. */
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase, type Database } from "../../src/database/database.ts";
import { migrate } from "../../src/database/migrations.ts";
import { startPostgres, type PostgresServer } from "../../src/testing/postgres-server.ts";
import { silentLogger as logger } from "../../src/testing/silent-logger.ts";

let server: PostgresServer;
let database: Database;
beforeAll(async () => {
  server = await startPostgres({ settings: ["deadlock_timeout=100ms"] });
  database = await openDatabase({ url: server.url(), poolSize: 2, logger });
  await database.ownerSession((owner) => migrate(owner));
  await database.ownerSession((owner) =>
    owner.query(`create table public.pairs (id int primary key, n int not null); grant all on public.pairs to hp_app;
      insert into public.pairs values (1, 0), (2, 0);
      create function holdpoint.backwards_v1() returns json language plpgsql as $$ begin
        update public.pairs set n = n + 1 where id = 2;
        update public.pairs set n = n + 1 where id = 1;
        return 'true'; end $$`),
  );
});
afterAll(async () => {
  await database.close();
  await server.remove();
});

test("a command that lost a deadlock is carried out all the same, once", async () => {
  const other = new pg.Client({ connectionString: server.url() });
  await other.connect();
  await other.query("set deadlock_timeout = '1h'");
  await other.query("begin");
  await other.query("update public.pairs set n = n + 10 where id = 1");
  const command = database.callIdempotent("backwards_v1");
  while ((await other.query("select from pg_locks where not granted")).rowCount === 0);
  await other.query("update public.pairs set n = n + 10 where id = 2");
  await other.query("commit");
  expect(await command).toBe(true);
  expect((await other.query("select n from public.pairs order by id")).rows).toEqual([{ n: 11 }, { n: 11 }]);
  await other.end();
});
