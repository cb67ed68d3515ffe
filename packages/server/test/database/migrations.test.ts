import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../src/database/database.ts";
import { openDatabase } from "../../src/database/database.ts";
import {
  listPendingMigrations,
  migrate,
  type MigrationOptions,
  type MigrationReport,
} from "../../src/database/migrations.ts";
import { startPostgres } from "../../src/testing/postgres-server.ts";
import { silentLogger as logger } from "../../src/testing/silent-logger.ts";
import { describeEachStore } from "../../src/testing/stores.ts";

const DROP_SCHEMAS = `do $$ declare name text; begin
  for name in select nspname from pg_namespace where nspname !~ '^(pg_|information_schema$|public$)' loop
    execute format('drop schema %I cascade', name);
  end loop;
end $$`;

let root: string;
let folders: { migrationsFolder: URL; functionsFolder: URL };
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "holdpoint-migrations-"));
  folders = {
    migrationsFolder: pathToFileURL(`${await mkdtemp(join(root, "m"))}/`),
    functionsFolder: pathToFileURL(`${await mkdtemp(join(root, "f"))}/`),
  };
});
afterEach(() => rm(root, { recursive: true, force: true }));

const write = (name: string, sql: string): Promise<void> =>
  writeFile(new URL(name, folders.migrationsFolder), sql);
const writeFunction = (name: string, sql: string): Promise<void> =>
  writeFile(new URL(name, folders.functionsFolder), sql);

describeEachStore("migrations", (store) => {
  const run = (options: MigrationOptions = folders): Promise<MigrationReport> =>
    store().database.ownerSession((owner) => migrate(owner, options));
  beforeEach(() => store().database.ownerSession((owner) => owner.query(DROP_SCHEMAS)));

  test("are applied once, in order, and functions again when their file changed", async () => {
    await write("000002-second.sql", "alter table holdpoint.a add column b int;");
    await write("000001-first.sql", "create table holdpoint.a (id int);\r\n");
    await writeFunction(
      "one_v1.sql",
      "create or replace function holdpoint.one_v1() returns int language sql as 'select holdpoint.two_v1()'",
    );
    await writeFunction(
      "two_v1.sql",
      "create or replace function holdpoint.two_v1() returns int language sql as 'select 1'",
    );
    const pending = (): Promise<string[]> =>
      store().database.ownerSession((owner) => listPendingMigrations(owner, folders));
    expect(await pending()).toEqual(["000001-first", "000002-second"]);
    expect(await run()).toEqual({
      migrations: ["000001-first", "000002-second"],
      functions: ["one_v1", "two_v1"],
    });
    expect(await run()).toEqual({ migrations: [], functions: [] });
    expect(await pending()).toEqual([]);
    await write("000001-first.sql", "create table holdpoint.a (id int);\n"); // a checkout with other line ends
    await writeFunction(
      "two_v1.sql",
      "create or replace function holdpoint.two_v1() returns int language sql as 'select 2'",
    );
    expect(await run()).toEqual({ migrations: [], functions: ["two_v1"] });
  });

  test("one that fails leaves nothing of itself, keeps those before it, and names file and line", async () => {
    await write("000001-first.sql", "create table holdpoint.a (id int);");
    await write(
      "000002-broken.sql",
      "create table holdpoint.b (id int);\ncreate tabel holdpoint.c (id int);",
    );
    await expect(run()).rejects.toMatchObject({
      code: "migration_failed",
      message: expect.stringMatching(/000002-broken .*line 2/) as string,
    });
    await write("000002-broken.sql", "create table holdpoint.b (id int);");
    expect(await run()).toEqual({ migrations: ["000002-broken"], functions: [] });
  });

  test("one that ends its transaction is refused", async () => {
    await write("000001-first.sql", "create table holdpoint.a (id int); commit;");
    await expect(run()).rejects.toMatchObject({ code: "migration_failed" });
  });

  test("a changed file, a newer database and a number out of order are refused", async () => {
    await write("000001-first.sql", "create table holdpoint.a (id int);");
    await write("000003-third.sql", "create table holdpoint.c (id int);");
    await run();
    await write("000002-late.sql", "create table holdpoint.b (id int);");
    await expect(run()).rejects.toMatchObject({
      code: "migration_unknown",
      message: expect.stringContaining("000002-late") as string,
    });
    await rm(new URL("000002-late.sql", folders.migrationsFolder));
    await write("000001-first.sql", "create table holdpoint.a (id int8);");
    await expect(run()).rejects.toMatchObject({
      code: "migration_changed",
      message: expect.stringContaining("000001-first") as string,
    });
    await write("000001-first.sql", "create table holdpoint.a (id int);");
    await rm(new URL("000003-third.sql", folders.migrationsFolder));
    await expect(run()).rejects.toMatchObject({
      code: "migration_unknown",
      message: expect.stringContaining("newer") as string,
    });
  });

  test("the service's own apply from nothing", async () => {
    const report = await run({});
    expect(report.migrations[0]).toBe("000001-foundation");
    expect(await store().database.call("get_hold_v1", "x", "y")).toEqual({ code: "unauthorized" });
  });
});

describe("on a PostgreSQL server of its own", () => {
  test("of several instances that start at once one migrates, and all find it done", async () => {
    const server = await startPostgres();
    const databases: Database[] = [];
    try {
      for (let i = 0; i < 4; i++) databases.push(await openDatabase({ url: server.url(), logger }));
      const reports = await Promise.all(
        databases.map((database) => database.ownerSession((owner) => migrate(owner))),
      );
      expect(reports.filter((report) => report.migrations.length > 0)).toHaveLength(1);
      expect(await databases[0]!.query("select current_user as role")).toEqual([{ role: "hp_app" }]);
      expect(await databases[0]!.call("get_hold_v1", "x", "y")).toEqual({ code: "unauthorized" });
    } finally {
      await Promise.all(databases.map((database) => database.close()));
      await server.remove();
    }
  });
});
